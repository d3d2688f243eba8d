// A walk through the demo page, as a person takes it: choose a customer, take an item out of the
// history, see the list change, switch personalisation off, read it in French, switch it on again.
// On a phone and on a desk, with scripts disabled; then the rules of accessibility in light and dark.
//
//   node walk.mjs http://127.0.0.1:8080 [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, pictures] = process.argv.slice(2);
assert.ok(base, "the address of the server is missing");
const widths = [390, 1280];
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const home = mkdtempSync(join(tmpdir(), "walk-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  env: { ...process.env, HOME: home },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let checks = 0;
function check(fact, words) {
  checks += 1;
  assert.ok(fact, words);
}

try {
  for (const [turn, width] of widths.entries()) await walk(turn, width);
  console.log(`walked at ${widths.join(" and ")} px: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

async function walk(turn, width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();

  const answer = await page.goto(`${base}/demo?lang=en`);
  check(answer.status() === 200, `/demo answers ${answer.status()}`);
  const policy = answer.headers()["content-security-policy"] ?? "";
  for (const part of ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"]) {
    check(policy.includes(part), `the content security policy lacks ${part}: ${policy}`);
  }
  check(!/script-src|unsafe/.test(policy), `the content security policy lets scripts in: ${policy}`);
  check((await page.locator("html").getAttribute("lang")) === "en", "the page does not say it is English");
  await accessible(page.url(), width, `start-${width}`);

  await choose(page, "agrees to everything", turn);
  check((await mode(page)) === "profiled", "who agrees to everything does not get a personal list");
  check((await offers(page)).length > 0, "who agrees to everything gets an empty list");
  check((await known(page)).length > 0, "who agrees to everything has no history");
  await accessible(page.url(), width, `personal-${width}`);

  const before = await offers(page);
  const sums = await reasons(page);
  const gone = [];
  for (let i = 0; i < 8 && same(before, await offers(page)); i += 1) gone.push(await removeFirst(page));
  check(!same(sums, await reasons(page)), `the reasons are the same without ${gone.join(", ")}`);
  check(!same(before, await offers(page)), `the list is the same without ${gone.join(", ")}`);
  check((await page.getByTestId("notice").innerText()).length > 20, "nothing says that the item was removed");
  await forged(context, page);

  const personal = await offers(page);
  await page.getByTestId("switch").click();
  check((await mode(page)) === "contextual", "switched off, the list is still personal");
  check((await page.getByTestId("policies").locator("li").count()) > 0, "no rule says why the list is not personal");
  check(!same(personal, await offers(page)), "switched off, the list is the same");
  await accessible(page.url(), width, `off-${width}`);

  const english = await page.getByTestId("switch").innerText();
  await page.getByTestId("language-fr").click();
  check((await page.locator("html").getAttribute("lang")) === "fr", "the page does not say it is French");
  check((await page.getByTestId("switch").innerText()) !== english, "the button is not in French");
  check((await mode(page)) === "contextual", "the language changed the list");
  await accessible(page.url(), width, `french-off-${width}`);

  await page.getByTestId("switch").click();
  check((await mode(page)) === "profiled", "switched on again, the list is not personal");
  check(same(personal, await offers(page)), "switched off and on, the list is another");
  const now = await known(page);
  for (const item of gone) check(!now.includes(item), `${item} came back into the history`);
  await accessible(page.url(), width, `french-${width}`);
  await receipt(context, page);

  await page.getByTestId("language-en").click();
  await choose(page, "refuses", 0);
  check((await mode(page)) === "contextual", "who refuses gets a personal list");
  check((await page.getByTestId("policies").locator("li").count()) > 0, "no rule says why who refuses is not profiled");
  await context.close();
}

/** Chooses the customer whose words contain `stance`, another one each turn where there are several. */
async function choose(page, stance, turn) {
  const options = page.locator("#customer option", { hasText: stance });
  const count = await options.count();
  check(count > 0, `no sample customer ${stance}`);
  await page.locator("#customer").selectOption(await options.nth(turn % count).getAttribute("value"));
  await page.getByTestId("show").click();
}

/** Removes the first item of the history and answers which it was. */
async function removeFirst(page) {
  const first = page.getByTestId("known").first();
  const item = await first.getAttribute("data-item");
  await first.getByTestId("remove").click();
  check(!(await known(page)).includes(item), `${item} is still in the history`);
  return item;
}

/** A form with a token that is not ours changes nothing. */
async function forged(context, page) {
  const items = await known(page);
  const customer = await page.locator("#customer").inputValue();
  await context.request.post(`${base}/demo/forget`, {
    form: { token: "forged", customer, lang: "en", item: items[0] },
  });
  await page.goto(`${base}/demo?customer=${encodeURIComponent(customer)}&lang=en`);
  check(same(items, await known(page)), "a forged form changed the history");
}

/** The receipt can be had; a fresh leaf needs about a second to get into the log. */
async function receipt(context, page) {
  const address = new URL(await page.getByTestId("receipt").getAttribute("href"), page.url());
  let status = 0;
  for (let i = 0; i < 20 && status !== 200; i += 1) {
    if (i > 0) await new Promise((later) => setTimeout(later, 500));
    status = (await context.request.get(address.href)).status();
  }
  check(status === 200, `the receipt answers ${status}`);
}

async function mode(page) {
  return page.getByTestId("offers").getAttribute("data-mode");
}

async function offers(page) {
  return page.getByTestId("offer").evaluateAll((all) => all.map((one) => one.dataset.item));
}

async function known(page) {
  return page.getByTestId("known").evaluateAll((all) => all.map((one) => one.dataset.item));
}

async function reasons(page) {
  return page.getByTestId("offer").evaluateAll((all) => all.map((one) => one.textContent));
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** axe-core finds nothing in light, and no colour too weak in dark; nothing is wider than the window,
 * nothing fails to load, and the first key press reaches the skip link. */
async function accessible(address, width, name) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: "light" });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("requestfailed", (request) => complaints.push(`not loaded: ${request.url()}`));
  await page.goto(address.split("#")[0]);
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.matches(".skip")), `${name}: Tab does not reach the skip link`);
  await page.evaluate(() => document.activeElement.blur());
  await picture(page, `${name}-light`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: wider than ${width} px`);
  await page.evaluate(axe.source);
  const tags = { type: "tag", values: rules };
  report(`${name} in light`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), tags), 10);
  await page.emulateMedia({ colorScheme: "dark" });
  const colour = { type: "rule", values: ["color-contrast"] };
  report(`${name} in dark`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), colour), 0);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = false; }));
  await picture(page, `${name}-dark`);
  check(complaints.length === 0, `${name}: ${complaints.join("; ")}`);
  await context.close();
}

function report(name, found, least) {
  const broken = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.help}): ${node.html} ${node.failureSummary}`));
  check(found.passes.length > least, `${name}: axe looked at nothing`);
  check(broken.length === 0, `${name}:\n${broken.join("\n")}`);
}

async function picture(page, name) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
