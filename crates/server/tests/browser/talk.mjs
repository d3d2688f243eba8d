// A walk through the way to a human and the person's contract: the link of a message, the person's own pages, the
// team's answers. On a phone and on a desk, in both languages, with scripts disabled; then the rules of
// accessibility in light and dark.
//
//   node talk.mjs http://127.0.0.1:8080 LINK-TO-A-PAGE LINK-OF-A-MESSAGE RECOVERY-CODES PASSWORD [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, link, human, told, password, pictures] = process.argv.slice(2);
assert.ok(password, "an address, a link, the codes or the password is missing");
const codes = Object.fromEntries(
  Buffer.from(told, "base64").toString().split(";").map((line) => line.split("=")).map(([name, all]) => [name, all.split(",")]),
);
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
  await byLink();
  const own = await person();
  await team();
  await answered(own);
  console.log(`walked conversations and the contract at ${widths.join(" and ")} px: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

/** The link of a message, without a session. */
async function byLink() {
  const context = await browser.newContext({ viewport: { width: 390, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(context, `${human}?lang=${language}`, width, `human-${language}-${width}`);
  }
  await page.goto(`${human}?lang=fr`);
  await page.locator("#subject").fill("Ma tasse est arrivée cassée");
  await page.locator("#text").fill("Bonjour,\n\nla tasse de ma commande est arrivée en deux morceaux.\n\nQue faire ?");
  await page.getByTestId("begin").click();
  check((await page.getByTestId("sent").innerText()).length > 20, "nothing says that it was sent");
  check((await page.locator("html").getAttribute("lang")) === "fr", "the answer is not in French");
  await picture(page, "human-sent-fr-390");
  await context.close();
}

/** The person's contract and their conversations. */
async function person() {
  const context = await browser.newContext({ viewport: { width: 390, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByTestId("continue").click();
  await page.getByTestId("contract").click();
  check((await page.getByTestId("conversing").count()) === 1, "nothing says that programs are silent");
  check((await page.getByTestId("resume").count()) === 0, "a pause can be ended that there is not");
  const before = await page.getByTestId("holds").innerText();
  await page.getByTestId("evenings").click();
  check((await page.getByTestId("changed").innerText()).includes("18:00"), "nothing says what was changed");
  await picture(page, "contract-changed-en-390");
  await page.getByTestId("pause-month").click();
  check((await page.getByTestId("resume").count()) === 1, "the pause cannot be ended");
  await page.getByTestId("resume").click();
  // The whole form, with the keyboard's own fields.
  await page.locator("#per_week").fill("2");
  await page.locator('input[name="rhythm"][value="weekly"]').check();
  await page.locator("#weekday").selectOption("6");
  await page.locator('input[name="day0"]').uncheck();
  await page.locator("#tone").selectOption("plain");
  await page.locator("#zone").fill("Europe/Paris");
  await page.getByTestId("save").click();
  const holds = await page.getByTestId("holds").innerText();
  check(holds !== before && holds.includes("Europe/Paris") && holds.includes("At most 2") && holds.includes("Sunday"), holds);
  await page.locator("#zone").fill("Mars/Olympus");
  await page.getByTestId("save").click();
  check((await page.getByTestId("problem").innerText()).includes("Europe/Paris"), "a zone that is none is taken");
  check((await page.getByTestId("holds").innerText()) === holds, "what was refused changed something");
  for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(context, `${base}/me/contract?lang=${language}`, width, `contract-${language}-${width}`);
    await accessible(context, `${base}/me/conversations?lang=${language}`, width, `me-talks-${language}-${width}`);
    await accessible(context, `${base}/me?lang=${language}`, width, `me-with-talk-${language}-${width}`);
  }
  await page.goto(`${base}/me/conversations?lang=en`);
  await page.locator("#subject").fill("A second thing");
  await page.locator("#text").fill("When do you open on Saturdays?");
  await page.getByTestId("begin").click();
  check((await page.getByTestId("turn").count()) === 1, "what was said is not there");
  await page.getByTestId("close").click();
  check((await page.getByTestId("close").count()) === 0, "a closed conversation can be closed");
  return { context, page };
}

/** Signs somebody of the team in. */
async function enter(name, language, width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}/team?lang=${language}`);
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(password);
  await page.locator("#code").fill(codes[name].shift());
  await page.getByTestId("sign-in").click();
  check((await page.getByTestId("hello").innerText()).includes(name), `${name} is not in`);
  return { context, page };
}

async function team() {
  const one = await enter("care", "en", 1280);
  const other = await enter("privacy_officer", "fr", 390);
  for (const { context } of [one]) for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(context, `${base}/team/conversations?lang=${language}`, width, `team-talks-${language}-${width}`);
  }
  await one.page.getByTestId("talks").click();
  check((await one.page.getByTestId("talk").count()) === 1, "a closed conversation is on the list");
  await one.page.locator("[data-testid=talk] a").click();
  const address = one.page.url();
  await other.page.goto(address.replace("lang=en", "lang=fr"));
  await one.page.locator("#text").fill("Bonjour,\n\nnous vous en envoyons une autre demain.\n\nZoé");
  await one.page.getByTestId("answer").click();
  check((await one.page.getByTestId("turn").count()) === 2, "the answer is not there");
  await other.page.locator("#text").fill("Une photo, s’il vous plaît ?");
  await other.page.getByTestId("answer").click();
  check((await other.page.getByTestId("problem").innerText()).length > 20, "the second did not see the first");
  check((await other.page.locator("#text").inputValue()).startsWith("Une photo"), "what the second wrote is lost");
  await picture(other.page, "team-overtaken-fr-390");
  for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(one.context, address.split("?")[0] + `?lang=${language}`, width, `team-talk-${language}-${width}`);
  }
  await one.context.close();
  await other.context.close();
}

async function answered({ context, page }) {
  await page.goto(`${base}/me/conversations?lang=fr`);
  await page.locator("[data-testid=talk] a").first().click();
  check((await page.getByTestId("turn").count()) === 2, "the person does not see the answer");
  const address = page.url();
  for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(context, address.split("?")[0] + `?lang=${language}`, width, `me-talk-${language}-${width}`);
  }
  await context.close();
}

/** Without complaints of the browser, not wider than the window, and by the rules, in light and dark. */
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
