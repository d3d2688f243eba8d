// A look at what waits for a person, what may have left and which ways are closed, on their own page, in both
// languages, on a phone and on a desk, with scripts disabled; then the rules of accessibility in light and dark.
// Of somebody else nothing stands there.
//
//   node outbox.mjs http://127.0.0.1:8080 API-KEY PERSON SOMEBODY-ELSE [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, key, person, other, pictures] = process.argv.slice(2);
assert.ok(other, "the address of the server, an API key or a person is missing");
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
    await look(width);
  }
  console.log(`looked at what waits for a person at ${widths.join(" and ")} px: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

async function look(width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(await newLink());
  await page.getByTestId("continue").click();
  for (const language of ["en", "fr"]) {
    await page.goto(`${base}/me?lang=${language}`);
    for (const state of ["waits", "in_doubt"]) {
      const one = page.locator(`[data-testid=outgoing][data-state=${state}]`);
      check((await one.count()) > 0 && (await one.first().isVisible()), `${state} is not shown in ${language}`);
      check((await one.first().innerText()).split("\n").length > 1, `${state} says nothing in ${language}`);
    }
    check((await page.locator("[data-testid=outgoing][data-state=accepted]").count()) === 0, "what left for sure stands there");
    check((await page.getByTestId("closed-way").count()) === 1, `the closed way is not shown in ${language}`);
    const section = page.locator("#messages");
    check(!/example\.org|\+336/.test(await section.innerText()), "an address stands in the section");
    if (pictures) await section.screenshot({ path: join(pictures, `outbox-section-${language}-${width}.png`) });
    await accessible(context, page.url(), width, `outbox-${language}-${width}`);
  }
  await context.close();

  const others = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const theirs = await others.newPage();
  await theirs.goto(await newLink(other));
  await theirs.getByTestId("continue").click();
  check((await theirs.getByTestId("outgoing").count()) === 0, "somebody else sees what waits for another");
  check((await theirs.getByTestId("closed-way").count()) === 0, "somebody else sees the ways of another");
  await others.close();
}

/** A link as the site's server gets it. */
async function newLink(userId = person) {
  const answer = await fetch(`${base}/v1/me/links`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ userId, language: "en" }),
  });
  check(answer.status === 201, `the link answers ${answer.status}`);
  return (await answer.json()).url;
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
  const said = answer.status();
  check(status === 0 || said === status, `${name} answers ${said}`);
  check(!/\{\s?\$/.test(await page.content()), `${name}: a place in a text was not filled`);
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.matches(".skip")), `${name}: Tab does not reach the skip link`);
  await page.evaluate(() => document.activeElement.blur());
  await picture(page, `${name}-light`);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: wider than ${width} px`);
  const touching = await page.evaluate(together);
  check(touching.length === 0, `${name}: these touch one another: ${touching.join("; ")}`);
  await page.evaluate(axe.source);
  const tags = { type: "tag", values: rules };
  report(`${name} in light`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), tags), 10);
  await page.emulateMedia({ colorScheme: "dark" });
  const colour = { type: "rule", values: ["color-contrast"] };
  report(`${name} in dark`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), colour), 0);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = false; }));
  await picture(page, `${name}-dark`);
  // The browser itself complains of every answer that is an error.
  const ours = complaints.filter((complaint) => said < 400 || !complaint.includes(`status of ${said}`));
  check(ours.length === 0, `${name}: ${ours.join("; ")}`);
  await context.close();
}

/** Buttons, or what looks like one, that touch or cover one another: nobody with a thumb hits the right one. */
function together() {
  const boxes = [...document.querySelectorAll("button, a.button")].map((one) => [one.innerText, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0);
  const near = (a, b) => a.left < b.right + 4 && b.left < a.right + 4 && a.top < b.bottom + 4 && b.top < a.bottom + 4;
  return boxes.flatMap(([name, box], at) => boxes.slice(at + 1).filter(([, other]) => near(box, other)).map(([other]) => `${name} and ${other}`));
}

function report(name, found, least) {
  const broken = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.help}): ${node.html} ${node.failureSummary}`));
  check(found.passes.length > least, `${name}: axe looked at nothing`);
  check(broken.length === 0, `${name}:\n${broken.join("\n")}`);
}

async function picture(page, name) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
