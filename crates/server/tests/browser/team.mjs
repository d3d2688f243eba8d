// A walk through the team's pages: signing in, the program put forward by one and approved by another, its faults,
// segments and journeys, the members, opening one person's data, signing out. On a phone and on a desk, in both
// languages, with scripts disabled; then the rules of accessibility in light and dark.
//
//   node team.mjs http://127.0.0.1:8080 RECOVERY-CODES PASSWORD FOLDER-OF-THE-PROGRAM SIMULATION [folder for screenshots]

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, told, password, folder, simulation, pictures] = process.argv.slice(2);
assert.ok(simulation, "the address of the server, the codes, the password, the folder or the simulation is missing");
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
  await door();
  await program();
  await simulated();
  for (const width of widths) for (const language of ["en", "fr"]) await walk(width, language);
  await people();
  console.log(`walked the team's pages at ${widths.join(" and ")} px: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

/** Signs somebody in, in a context of their own. */
async function enter(name, language = "en", width = 1280) {
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

async function door() {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const answer = await page.goto(`${base}/team?lang=fr`);
  check(answer.status() === 401, `without a session /team answers ${answer.status()}`);
  await page.locator("#name").fill("marketer");
  await page.locator("#password").fill("not the password");
  await page.locator("#code").fill("000000");
  await page.getByTestId("sign-in").click();
  check((await page.getByTestId("said").innerText()).length > 20, "nothing says why nobody is in");
  check((await page.locator("html").getAttribute("lang")) === "fr", "the answer is not in French");
  for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(context, `${base}/team/sign-in?lang=${language}`, width, `team-door-${language}-${width}`);
  }
  await context.close();
}

/** Put forward by one, approved by another, put in force, changed, made faulty, mended, put back. */
async function program() {
  const one = await enter("marketer");
  const other = await enter("privacy_officer");
  const at = `${base}/team/program?lang=en`;
  await one.page.goto(at);
  check((await one.page.getByTestId("none").count()) === 1, "a program is in force before any was applied");
  await one.page.getByTestId("put-forward").click();
  check((await one.page.getByTestId("waits").count()) === 1, "the program does not wait");
  check((await one.page.getByTestId("approve").count()) === 0, "who put it forward may approve it");
  await accessible(one.context, at, 390, "team-program-waits-390");
  await other.page.goto(at);
  check((await other.page.getByTestId("put-forward").count()) === 0, "data protection writes programs");
  await other.page.getByTestId("approve").click();
  await one.page.goto(at);
  await one.page.getByTestId("apply").click();
  check((await one.page.getByTestId("waits").count()) === 0, "it waits though it is in force");
  check((await one.page.getByTestId("digest").innerText()).length === 64, "nothing is in force");

  const segment = join(folder, "segments/regulars.yaml");
  const before = readFileSync(segment, "utf8");
  writeFileSync(segment, before.replace("at_least: 3", "at_least: 4"));
  await one.page.goto(at);
  check((await one.page.getByTestId("changes").innerText()).includes("segments/regulars.yaml"), "the change is not told");
  for (const width of widths) await accessible(one.context, at, width, `team-program-change-${width}`);
  for (const width of widths) for (const language of ["en", "fr"]) {
    await one.page.goto(`${base}/team/plan/folder?lang=${language}`);
    check((await one.page.getByTestId("plan-segments").locator("li").count()) > 1, "the plan tells no segment");
    await accessible(one.context, one.page.url(), width, `team-plan-${language}-${width}`);
    await one.page.getByTestId("sample").click();
    check((await one.page.getByTestId("sampled").count()) === 1, "no sample was looked at");
    await picture(one.page, `team-plan-sampled-${language}-${width}`);
  }
  appendFileSync(segment, "whom: nobody\n");
  await one.page.goto(at);
  check((await one.page.getByTestId("faults").innerText()).includes("segments/regulars.yaml"), "the fault is not told");
  check((await one.page.getByTestId("put-forward").count()) === 0, "a faulty program can be put forward");
  for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(one.context, at.replace("=en", `=${language}`), width, `team-program-faults-${language}-${width}`);
  }
  writeFileSync(segment, before.replace("at_least: 3", "at_least: 4"));
  await one.page.goto(at);
  await one.page.getByTestId("put-forward").click();
  await other.page.goto(at);
  await other.page.getByTestId("approve").click();
  await one.page.goto(at);
  await one.page.getByTestId("apply").click();
  check((await one.page.getByTestId("history").locator("> li").count()) === 2, "the history has not two");
  await other.page.goto(at);
  await other.page.getByTestId("put-back").first().click();
  check((await other.page.getByTestId("history").locator("> li").count()) === 3, "it was not put back");
  await accessible(other.context, at, 1280, "team-program-history-1280");
  writeFileSync(segment, before);
  await one.context.close();
  await other.context.close();
}

/** A simulation is handed in as a file, and drawn. */
async function simulated() {
  const { context, page } = await enter("marketer");
  await page.goto(`${base}/team/simulations?lang=en`);
  await page.locator("#file").setInputFiles(simulation);
  await page.getByTestId("hand-in").click();
  check(page.url().includes("said=simulated"), `the file was not taken: ${page.url()}`);
  const address = page.url().split("?")[0];
  for (const width of widths) for (const language of ["en", "fr"]) {
    await accessible(context, `${base}/team/simulations?lang=${language}`, width, `team-simulations-${language}-${width}`);
    await accessible(context, `${address}?lang=${language}`, width, `team-simulation-${language}-${width}`);
  }
  await page.goto(`${address}?lang=fr`);
  check((await page.locator("svg[role=img]").count()) > 20, "drawings are missing");
  await page.locator(".chart summary").first().click();
  check(await page.locator(".chart table").first().isVisible(), "the table of a drawing does not open");
  await context.close();
}

async function walk(width, language) {
  const { context, page } = await enter("admin", language, width);
  const cookies = await context.cookies();
  check(cookies.length === 1 && cookies[0].httpOnly && cookies[0].sameSite === "Strict", JSON.stringify(cookies));
  const look = async (name) => accessible(context, page.url(), width, `team-${name}-${language}-${width}`);
  check((await page.locator("html").getAttribute("lang")) === language, "the language is another");
  check((await page.locator("script").count()) === 0, "a page has a script");
  await look("overview");
  await page.goto(`${base}/team/segments?lang=${language}`);
  check((await page.getByTestId("segment").count()) === 6, "a segment is missing");
  check((await page.getByTestId("size").first().innerText()).length > 5, "no size is told");
  await look("segments");
  await page.goto(`${base}/team/segments/quiet?lang=${language}`);
  await look("segment");
  await page.locator('[name="e.0.Order Completed"]').fill("100");
  await page.getByTestId("judge").click();
  check((await page.getByTestId("why").locator("li").count()) === 3, "the reasons are missing");
  check((await page.locator("html").getAttribute("lang")) === language, "the answer is in another language");
  await picture(page, `team-segment-judged-${language}-${width}`);
  await page.goto(`${base}/team/journeys?lang=${language}`);
  const journeys = await page.getByTestId("journey").count();
  check(journeys === 6, `${journeys} journeys`);
  await look("journeys");
  for (const name of ["abandoned_cart", "welcome"]) {
    await page.goto(`${base}/team/journeys/${name}?lang=${language}`);
    check((await page.locator("svg[role=img] title").count()) > 0, "the drawing has no title");
    const steps = await page.getByTestId("step").count();
    check(steps > 3, `${steps} steps in words`);
    check((await page.getByTestId("flows").locator("dt").count()) >= 3, "what happened is not told");
    await look(name);
    await page.getByTestId("span").first().click();
    check(page.url().includes("days=7"), "the days cannot be chosen");
  }
  const other = language === "en" ? "fr" : "en";
  const title = await page.locator("h1").innerText();
  await page.getByTestId(`language-${other}`).click();
  check((await page.locator("h1").innerText()) !== title, "the journey is not in the other language");
  await page.goto(`${base}/team/program/folder?lang=${language}`);
  await look("files");
  await page.getByTestId("files").locator("a").first().click();
  check((await page.getByTestId("lines").locator("li").count()) > 3, "the file has no lines");
  await look("file");
  await page.goto(`${base}/team/members?lang=${language}`);
  check((await page.getByTestId("member").count()) === 4, "a member is missing");
  await look("members");
  const refused = await page.goto(`${base}/team/person?lang=${language}`);
  check(refused.status() === 403, `who runs the team may open people: ${refused.status()}`);
  await page.getByTestId("leave").click();
  const after = await page.goto(`${base}/team`);
  check(after.status() === 401, `signed out, /team answers ${after.status()}`);
  await context.close();
}

async function people() {
  const { context, page } = await enter("privacy_officer", "fr", 390);
  await page.goto(`${base}/team/person?lang=fr`);
  for (const width of widths) await accessible(context, page.url(), width, `team-person-${width}`);
  await page.locator("#person").fill("p0");
  await page.locator("#reason").fill("Elle signale un compte volé");
  for (const purpose of ["secure", "human_help", "answer_rights_request"]) {
    await page.locator("#person").fill("p0");
    await page.locator("#reason").fill("Elle signale un compte volé");
    await page.locator("#purpose").selectOption(purpose);
    await page.getByTestId("open").click();
    check((await page.getByTestId("opened").count()) === 1, "nothing was opened");
    await picture(page, `team-person-${purpose}-390`);
  }
  await context.close();
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
