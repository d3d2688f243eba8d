// A look at the team's page of recommendations: measured, or with a budget of models. On a phone and on a desk, in both
// languages, with scripts disabled; then the rules of accessibility in light and dark.
//
//   node recommendations.mjs http://127.0.0.1:8080 RECOVERY-CODES PASSWORD measured|budget [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, told, password, state, pictures] = process.argv.slice(2);
assert.ok(state, "the address of the server, the codes, the password or the state is missing");
const codes = Buffer.from(told, "base64").toString().split(",");
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
  const context = await browser.newContext({ viewport: { width: 390, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}/team?lang=en`);
  await page.locator("#name").fill("marketer");
  await page.locator("#password").fill(password);
  // The first walk spends the first code, the second the next one.
  await page.locator("#code").fill(codes[state === "measured" ? 0 : 1]);
  await page.getByTestId("sign-in").click();
  for (const width of [390, 1280]) for (const language of ["en", "fr"]) {
    await page.goto(`${base}/team/recommendations?lang=${language}`);
    const drawings = await page.locator("svg[role=img]").count();
    check(drawings === (state === "measured" ? 2 : 1), `${drawings} drawings`);
    const tables = await page.locator("table").count();
    check(tables >= drawings, `${tables} tables for ${drawings} drawings`);
    for (const drawing of await page.locator("svg[role=img]").all()) {
      const [title, says] = (await drawing.getAttribute("aria-labelledby")).split(" ");
      check((await page.locator(`#${title}`).textContent()).length > 5, "a drawing has no name");
      check((await page.locator(`#${says}`).textContent()).length > 20, "a drawing is not described");
    }
    check((await page.locator("script").count()) === 0, "a page has a script");
    await accessible(context, page.url(), width, `team-recommendations-${state}-${language}-${width}`);
  }
  await context.close();
  console.log(`looked at recommendations, ${state}: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

/** axe-core finds nothing in light, and no colour too weak in dark; nothing is wider than the window, nothing fails
 * to load, and the first key press reaches the skip link. axe itself is let past the policy, which is checked
 * before by the browser as it is. */
async function accessible(from, address, width, name) {
  const options = { viewport: { width, height: 900 }, colorScheme: "light", storageState: await from.storageState() };
  const plain = await browser.newContext(options);
  const first = await plain.newPage();
  const complaints = [];
  first.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  first.on("requestfailed", (request) => complaints.push(`not loaded: ${request.url()}`));
  await first.goto(address.split("#")[0]);
  check(complaints.length === 0, `${name}: ${complaints.join("; ")}`);
  await plain.close();

  const context = await browser.newContext({ ...options, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(address.split("#")[0]);
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
  await picture(page, `${name}-dark`);
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
