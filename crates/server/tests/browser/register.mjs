// A walk through the public register: the register, a charter, what changed, a dictionary, a model; as it is
// served and as files. On a phone and on a desk, in both languages, with scripts disabled; then the rules of
// accessibility in light and dark.
//
//   node register.mjs http://127.0.0.1:8080 FOLDER-OF-FILES [folder for screenshots]
//   node register.mjs http://127.0.0.1:8080 gauges [folder for screenshots]
//
// With `gauges` in place of a folder: the register of a house whose lists are told, and nothing else.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, files, pictures] = process.argv.slice(2);
assert.ok(files, "the address of the server or the folder of files is missing");
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
  for (const width of widths) {
    if (files === "gauges") {
      await gauges(width);
      continue;
    }
    await walk(width, `${base}/register?lang=en`, "register");
    await walk(width, `file://${files}/index.html`, "files");
  }
  if (files !== "gauges") await found();
  console.log(`walked the register at ${widths.join(" and ")} px: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

async function walk(width, start, name) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  const answer = await page.goto(start);
  if (name === "register") {
    const policy = answer.headers()["content-security-policy"] ?? "";
    check(policy.includes("default-src 'none'") && !/script-src|unsafe/.test(policy), `the policy is ${policy}`);
  }
  check((await page.getByTestId("purpose").count()) === 13, "not every purpose is there");
  check((await page.getByTestId("program").count()) >= 4, "a program is missing");
  check((await page.getByTestId("no-quarter").count()) === 1, "a quarter is told before it is over");
  check((await page.locator("form, script").count()) === 0, "a page to read has a form or a script");
  await accessible(context, page.url(), width, `${name}-english-${width}`);
  const title = await page.locator("h1").innerText();
  await page.getByTestId("language-fr").click();
  check((await page.locator("html").getAttribute("lang")) === "fr", "the page does not say it is French");
  check((await page.locator("h1").innerText()) !== title, "the page is not in French");
  await accessible(context, page.url(), width, `${name}-french-${width}`);
  const french = page.url();

  await page.getByTestId("read").first().click();
  check((await page.getByTestId("rule").count()) > 10, "the charter has no rules");
  await accessible(context, page.url(), width, `${name}-charter-${width}`);
  await page.getByTestId("home").click();
  check(page.url() === french, `back leads to ${page.url()}`);
  await page.getByTestId("changed").first().click();
  check((await page.getByTestId("added").innerText()).includes("quiet-when-asked"), "the new rule is not told");
  await accessible(context, page.url(), width, `${name}-changes-${width}`);
  await page.goto(french);
  await page.getByTestId("more").first().click();
  check((await page.getByTestId("digest").innerText()).length === 64, "the model has no hash");
  await accessible(context, page.url(), width, `${name}-model-${width}`);
  await page.goto(french);
  await page.getByTestId("read").last().click();
  check((await page.getByTestId("rule").count()) > 3, "the dictionary declares nothing");
  await accessible(context, page.url(), width, `${name}-dictionary-${width}`);
  await context.close();
}

/** How open lists were, by placement. */
async function gauges(width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  for (const language of ["en", "fr"]) {
    await page.goto(`${base}/register?lang=${language}`);
    check((await page.getByTestId("gauge").count()) === 1, "no gauge is told, or too many");
    await accessible(context, page.url(), width, `gauges-${language}-${width}`);
  }
  await context.close();
}

/** The register is one click away from the person's door and from the consent page. */
async function found() {
  const page = await browser.newPage();
  for (const from of ["/me?lang=fr", "/consent?lang=fr"]) {
    await page.goto(`${base}${from}`);
    await page.getByTestId("register").click();
    const address = new URL(page.url());
    check(address.pathname === "/register" && address.searchParams.get("lang") === "fr", `${from} leads to ${page.url()}`);
    check((await page.getByTestId("purpose").count()) === 13, `${from} leads to no register`);
  }
  await page.close();
}

/** axe-core finds nothing in light, and no colour too weak in dark; nothing is wider than the window,
 * nothing fails to load, and the first key press reaches the skip link. */
async function accessible(from, address, width, name, status = 0) {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: "light", storageState: await from.storageState(),
  });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("requestfailed", (request) => complaints.push(`not loaded: ${request.url()}`));
  const answer = await page.goto(address.split("#")[0]);
  const said = answer?.status() ?? 0;
  check(status === 0 || said === status, `${name} answers ${said}`);
  check(!/\{\s?\$/.test(await page.content()), `${name}: a place in a text was not filled`);
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.matches(".skip")), `${name}: Tab does not reach the skip link`);
  await page.evaluate(() => document.activeElement.blur());
  await picture(page, `${name}-light`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: wider than ${width} px`);
  await page.evaluate(axe.source);
  const tags = { type: "tag", values: rules };
  report(`${name} in light`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly, preload: false }), tags), 10);
  await page.emulateMedia({ colorScheme: "dark" });
  const colour = { type: "rule", values: ["color-contrast"] };
  report(`${name} in dark`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly, preload: false }), colour), 0);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = false; }));
  await picture(page, `${name}-dark`);
  // The browser itself complains of every answer that is an error.
  const ours = complaints.filter((complaint) => said < 400 || !complaint.includes(`status of ${said}`));
  check(ours.length === 0, `${name}: ${ours.join("; ")}`);
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
