// A walk through the person's own page, as a person takes it: by a link, through the button, on the page
// every change and its way back, a decision explained, French, the page that asks before erasing, and out.
// Then as somebody else: a decision before a human, an age, visits that were theirs, and everything erased,
// with the certificate of it.
// On a phone and on a desk, with scripts disabled; then the rules of accessibility in light and dark.
//
//   node me.mjs http://127.0.0.1:8080 API-KEY PERSON [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, key, person, pictures] = process.argv.slice(2);
assert.ok(person, "the address of the server, an API key or a person is missing");
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
    await walk(width);
    await leave(width);
  }
  console.log(`walked the person's page at ${widths.join(" and ")} px: ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

async function walk(width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();

  const out = await page.goto(`${base}/me?lang=en`);
  check(out.status() === 401, `/me without a session answers ${out.status()}`);
  await accessible(context, page.url(), width, `me-door-${width}`);

  const link = await newLink();
  const door = await page.goto(link);
  const policy = door.headers()["content-security-policy"] ?? "";
  check(policy.includes("default-src 'none'") && !/script-src|unsafe/.test(policy), `the policy is ${policy}`);
  await accessible(context, page.url(), width, `me-continue-${width}`);
  await page.getByTestId("continue").click();
  check(new URL(page.url()).pathname === "/me", `the button leads to ${page.url()}`);
  check(!page.url().includes("pass="), "the pass stayed in the address");
  await accessible(context, page.url(), width, `me-english-${width}`);
  check((await page.goto(link)).status() === 410, "the link opened twice");
  await accessible(context, link, width, `me-ended-${width}`, 410);
  await page.goto(`${base}/me?lang=en`);

  // One click there, one click back, for all personalisation and for each purpose.
  check((await page.getByTestId("switch").count()) === 1, "there is not one switch");
  const on = await page.getByTestId("switch").innerText();
  await page.getByTestId("switch").click();
  check((await page.getByTestId("said").innerText()).length > 20, "nothing says that it is off");
  check((await choice(page, "personalise")).on === "false", "the switch left a purpose on");
  check((await page.getByTestId("switch").innerText()) !== on, "the switch does not turn");
  await page.getByTestId("switch").click();
  check((await choice(page, "personalise")).on === "true", "it cannot be switched on again");
  for (const purpose of ["train", "segment"]) {
    const before = (await choice(page, purpose)).on;
    const sizes = [await size(page, purpose)];
    await press(page, purpose);
    check((await choice(page, purpose)).on !== before, `${purpose} did not change by one click`);
    sizes.push(await size(page, purpose));
    await press(page, purpose);
    check((await choice(page, purpose)).on === before, `${purpose} did not change back by one click`);
    check(Math.abs(sizes[0].height - sizes[1].height) < 2, `one answer to ${purpose} is a bigger button than the other`);
  }

  const first = page.getByTestId("known").first();
  const item = await first.getAttribute("data-item");
  await first.getByTestId("forget").click();
  check(!(await known(page)).includes(item), `${item} is still in the history`);

  const value = page.getByTestId("trait").first().getByTestId("value");
  await value.fill(`7-${width}`);
  await page.getByTestId("trait").first().getByTestId("correct").click();
  check((await page.getByTestId("trait").first().getByTestId("value").inputValue()) === `7-${width}`, "the correction did not stay");

  await page.getByTestId("why").first().click();
  check((await page.getByTestId("decided").count()) > 0, "the decision has no items");
  await accessible(context, page.url(), width, `me-decision-${width}`);
  const receipt = await context.request.get(new URL(await page.getByTestId("receipt").getAttribute("href"), page.url()).href);
  check(receipt.status() === 200, `the receipt answers ${receipt.status()}`);

  await page.goto(`${base}/me?lang=en`);
  const title = await page.locator("h1").innerText();
  await page.getByTestId("language-fr").click();
  check((await page.locator("html").getAttribute("lang")) === "fr", "the page does not say it is French");
  check((await page.locator("h1").innerText()) !== title, "the page is not in French");
  await accessible(context, page.url(), width, `me-french-${width}`);
  const download = await context.request.get(new URL(await page.getByTestId("download").getAttribute("href"), page.url()).href);
  check(download.status() === 200 && (await download.json()) !== null, `the download answers ${download.status()}`);

  await page.getByTestId("erase").click();
  await accessible(context, page.url(), width, `me-erase-${width}`);
  const all = await page.getByTestId("erase-all").boundingBox();
  const keep = await page.getByTestId("keep").boundingBox();
  check(Math.abs(all.height - keep.height) < 2, "the two ways on are not of one size");
  await page.getByTestId("keep").click();
  check((await known(page)).length > 0, "keeping erased");

  await page.getByTestId("leave").click();
  check((await page.goto(`${base}/me?lang=fr`)).status() === 401, "still in after leaving");
  await context.close();
}

/** As `leaver-WIDTH`, whose browser names the visitor `visitor-WIDTH`. */
async function leave(width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  await context.addCookies([{ name: "ajs_anonymous_id", value: `visitor-${width}`, url: base }]);
  const page = await context.newPage();
  await page.goto(await newLink(`leaver-${width}`));
  await page.getByTestId("continue").click();

  const refused = page.locator("[data-kind=refused]");
  check((await refused.count()) === 1, "the refused attempt is not in the timeline");
  check((await refused.innerText()).includes("parcel"), "the reason of the attempt is not told");

  await page.getByTestId("why").first().click();
  check((await page.getByTestId("about-reasons").count()) === 1, "nothing says that the model was replaced since");
  await accessible(context, page.url(), width, `me-earlier-${width}`);
  await page.getByTestId("review").click();
  check((await page.getByTestId("request").count()) === 1, "the review is not among the requests");

  check((await page.getByTestId("age-said").count()) === 0, "something was said of the age");
  const ages = [await page.getByTestId("age-adult").boundingBox(), await page.getByTestId("age-minor").boundingBox()];
  check(Math.abs(ages[0].height - ages[1].height) < 2, "one age is a bigger button than the other");
  await page.getByTestId("age-minor").click();
  const minor = await page.getByTestId("age").innerText();
  await page.getByTestId("age-none").click();
  check((await page.getByTestId("age").innerText()) !== minor, "an age cannot be taken back");
  await page.getByTestId("age-adult").click();
  check((await page.getByTestId("age-said").innerText()).includes("stricter"), "nothing says that the site must confirm it");

  await page.getByTestId("join").click();
  check((await page.getByTestId("joined").count()) === 1, "the visits were not joined");
  check((await page.getByTestId("as-visitor").count()) > 0, "their decisions are not in the timeline");
  await page.getByTestId("part").click();
  check((await page.getByTestId("joined").count()) === 0, "the visits cannot be parted again");
  await accessible(context, page.url(), width, `me-join-${width}`);
  await page.getByTestId("join").click();
  await accessible(context, `${base}/me?lang=en`, width, `me-said-${width}`);
  await accessible(context, `${base}/me?lang=fr`, width, `me-said-french-${width}`);

  await page.goto(`${base}/me?lang=${width < 600 ? "fr" : "en"}`);
  await page.getByTestId("erase").click();
  await page.getByTestId("erase-all").click();
  check((await page.getByTestId("certificate").count()) === 1, "no certificate is offered");
  check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "the last page is too wide");
  await picture(page, `me-erased-${width}`);
  const certificate = await context.request.get(new URL(await page.getByTestId("certificate").getAttribute("href"), page.url()).href);
  check(certificate.status() === 200, `the certificate answers ${certificate.status()}`);
  check((await certificate.json()).proof.includes("tlog-proof"), "the certificate proves nothing");
  check((await page.goto(`${base}/me?lang=en`)).status() === 401, "still in after erasing");
  await context.close();
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

async function choice(page, purpose) {
  const row = page.locator(`[data-testid=choice][data-purpose=${purpose}]`);
  return { on: await row.getAttribute("data-on") };
}

async function press(page, purpose) {
  await page.locator(`[data-testid=choice][data-purpose=${purpose}]`).getByTestId("choose").click();
}

async function size(page, purpose) {
  return page.locator(`[data-testid=choice][data-purpose=${purpose}]`).getByTestId("choose").boundingBox();
}

async function known(page) {
  return page.getByTestId("known").evaluateAll((all) => all.map((one) => one.dataset.item));
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
