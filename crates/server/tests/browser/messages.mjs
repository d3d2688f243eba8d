// A walk through the team's pages of messages: the list, a preview in its frame, a text that is checked while it is
// typed, the outbox. On a phone and on a desk, in both languages, without script; then what the script adds.
//
//   node messages.mjs http://127.0.0.1:8080 RECOVERY-CODES PASSWORD [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, told, password, pictures] = process.argv.slice(2);
assert.ok(password, "the address of the server, the codes or the password is missing");
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
  for (const width of [390, 1280]) for (const language of ["en", "fr"]) await walk(width, language);
  await typed();
  console.log(`read the team's messages: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

async function enter(width, language, javaScriptEnabled) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled });
  const page = await context.newPage();
  await page.goto(`${base}/team?lang=${language}`);
  await page.locator("#name").fill("marketer");
  await page.locator("#password").fill(password);
  await page.locator("#code").fill(codes.shift());
  await page.getByTestId("sign-in").click();
  check((await page.getByTestId("hello").count()) === 1, "nobody is in");
  return { context, page };
}

async function walk(width, language) {
  const { context, page } = await enter(width, language, false);
  const look = async (name) => accessible(context, page.url(), width, `team-${name}-${language}-${width}`);
  await page.goto(`${base}/team/messages?lang=${language}`);
  check((await page.getByTestId("message").count()) === 8, "a message is missing");
  await look("messages");
  await page.goto(`${base}/team/messages/greeting?lang=${language}`);
  await look("message");
  await page.locator("[name='v.first_name']").fill("Zoé");
  await page.getByTestId("preview").click();
  const frame = page.frameLocator("[data-testid=phone]");
  check((await frame.locator("body").innerText()).includes("Zoé"), "the frame shows no message");
  check((await page.getByTestId("headers").locator("dt").count()) > 8, "headers are missing");
  await picture(page, `team-message-written-${language}-${width}`);
  await page.goto(`${base}/team/messages/greeting/words?lang=${language}&file=${language}.mjml`);
  await look("words");
  await page.locator("#text").fill("Hurry, only 3 left in stock! Dépêchez-vous, plus que 3 en stock !");
  await page.getByTestId("check").click();
  check((await page.getByTestId("finding").count()) > 0, "the button finds nothing");
  await picture(page, `team-words-found-${language}-${width}`);
  await page.goto(`${base}/team/outbox?lang=${language}`);
  await look("outbox");
  await context.close();
}

/** With script: half a second after the last letter, and the policy has nothing to complain about. */
async function typed() {
  const { context, page } = await enter(1280, "fr", true);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(`${base}/team/messages/greeting/words?lang=fr&file=fr.plain.txt`);
  check((await page.getByTestId("finding").count()) === 0, "the text of the program has faults");
  await page.locator("#text").fill("Plus que 3 en stock !");
  await page.getByTestId("finding").first().waitFor();
  check((await page.getByTestId("finding").first().innerText()).includes("Ligne 1"), "it is not said where");
  await page.locator("#text").fill("Bonjour.");
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=finding]").length === 0);
  check(complaints.length === 0, complaints.join("; "));
  await context.close();
}

async function accessible(from, address, width, name) {
  const options = { viewport: { width, height: 900 }, colorScheme: "light", storageState: await from.storageState() };
  const context = await browser.newContext({ ...options, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(address.split("#")[0]);
  check(!/\{\s?\$/.test(await page.content()), `${name}: a place in a text was not filled`);
  check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: wider than ${width} px`);
  await page.evaluate(axe.source);
  const tags = { type: "tag", values: rules };
  report(`${name} in light`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly, preload: false, iframes: false }), tags), 10);
  await picture(page, `${name}-light`);
  await page.emulateMedia({ colorScheme: "dark" });
  const colour = { type: "rule", values: ["color-contrast"] };
  report(`${name} in dark`, await page.evaluate((runOnly) => window.axe.run(document, { runOnly, preload: false, iframes: false }), colour), 0);
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
