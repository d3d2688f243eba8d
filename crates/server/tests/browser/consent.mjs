// A walk through asking for consent, as a person meets it: on our own page without script, and in the
// dialogue on a shop's page at another origin, under a strict content security policy. Clicks and fields
// are counted: saying no costs no more than saying yes, and taking back no more than giving.
//
//   node consent.mjs http://127.0.0.1:8080 <port of the shop> <write key> <API key> [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, port, writeKey, apiKey, pictures] = process.argv.slice(2);
assert.ok(apiKey, "an argument is missing");
const shop = `http://localhost:${port}`;
const widths = [390, 1280];
const tags = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
const colour = { type: "rule", values: ["color-contrast"] };

// The shop: a page with nothing but its own text, a link, and the dialogue; and one that forges the form.
const shopServer = createServer((request, answer) => {
  const lang = request.url.startsWith("/fr") ? "fr" : "en";
  const forged = `<form method="post" action="${base}/consent"><input name="choice" value="all"><button>Win</button></form>`;
  const asking = `<script defer src="${base}/consent/dialogue.js" data-write-key="${writeKey}"></script>`;
  answer.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; script-src ${base}; connect-src ${base}; img-src data:; form-action ${base}`,
  });
  answer.end(`<!DOCTYPE html><html lang="${lang}"><head><meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="icon" href="data:,"><title>Shop</title></head><body><main><h1>Shop</h1>
    <p><a href="#mugs">Mugs</a></p>${"<p>Mugs, plates and lamps.</p>".repeat(40)}</main>
    ${request.url.startsWith("/forged") ? forged : asking}</body></html>`);
});
await new Promise((ready) => shopServer.listen(Number(port), "localhost", ready));

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
    await ownPage(width);
    await dialogue(width);
  }
  await signals();
  await forgery();
  console.log(`asked at ${widths.join(" and ")} px: ${checks} checks held`);
} finally {
  await browser.close();
  shopServer.close();
  rmSync(home, { recursive: true, force: true });
}

/** A person who counts: what they click and what they fill in. */
function person(page) {
  return {
    clicks: 0,
    fields: 0,
    async click(locator) { this.clicks += 1; await locator.click(); },
    async tick(locator, on) { this.fields += 1; await locator.setChecked(on); },
    spent() {
      const spent = [this.clicks, this.fields];
      [this.clicks, this.fields] = [0, 0];
      return spent;
    },
    page,
  };
}

/** Taking back (or refusing) costs no more of either. */
function noDearer(no, yes, words) {
  check(no[0] <= yes[0] && no[1] <= yes[1], `${words}: ${no} clicks and fields against ${yes}`);
}

async function ownPage(width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  const someone = person(page);
  for (const lang of ["en", "fr"]) {
    await page.goto(`${base}/consent?lang=${lang}`);
    check((await page.locator("html").getAttribute("lang")) === lang, `the page is not in ${lang}`);
    check((await context.cookies()).length === 0, "a cookie before a choice");
    check((await page.locator("input:checked").count()) === 0, "a box is ticked before a choice");
    await alike(page.locator(".decide button"));
    await accessible(page, `consent-${lang}-${width}`);
  }
  await page.goto(`${base}/consent?lang=en`);

  await someone.click(page.getByTestId("refuse"));
  const refusing = someone.spent();
  check(await standing(page, "You refused."), "the refusal is not said");
  check((await page.getByTestId("said").getAttribute("role")) === "status", "a screen reader is not told");
  let cookies = await context.cookies();
  check(cookies.length === 1 && cookies[0].name === "egard-consent", `who refuses gets ${cookies.map((c) => c.name)}`);
  check(cookies[0].expires - Date.now() / 1000 > 180 * 86400, "a refusal is forgotten before six months");

  await someone.click(page.getByTestId("accept"));
  const accepting = someone.spent();
  noDearer(refusing, accepting, "refusing all");
  cookies = await context.cookies();
  const visitor = cookies.find((cookie) => cookie.name === "ajs_anonymous_id").value;
  const remembered = cookies.find((cookie) => cookie.name === "egard-consent");
  check(Math.abs(remembered.expires - Date.now() / 1000 - 182 * 86400) < 3600, "a yes is remembered for another time than a no");
  check((await states(visitor)).every((state) => state === "ConsentGiven"), "accepted, and the server does not know it");
  await accessible(page, `consent-given-${width}`);
  await someone.click(page.getByTestId("refuse"));
  noDearer(someone.spent(), accepting, "withdrawing all");
  check((await states(visitor)).every((state) => state === "ConsentWithdrawn"), "withdrawn, and the server does not know it");

  const one = page.getByLabel("Learn from my purchases");
  await someone.tick(one, true);
  await someone.click(page.getByTestId("save"));
  const giving = someone.spent();
  check((await states(visitor))[2] === "ConsentGiven" && (await one.isChecked()), "one is not given");
  await someone.tick(one, false);
  await someone.click(page.getByTestId("save"));
  noDearer(someone.spent(), giving, "withdrawing one");
  check((await states(visitor))[2] === "ConsentWithdrawn", "one is not withdrawn");

  // With the keyboard alone: refusing is reached before accepting, and Enter is enough.
  await page.goto(`${base}/consent?lang=en`);
  await page.getByTestId("refuse").focus();
  await page.keyboard.press("Tab");
  check(await page.getByTestId("accept").evaluate((button) => button === document.activeElement), "Tab leads elsewhere");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/said=refused/);
  check(await page.getByTestId("said").isVisible(), "the keyboard cannot refuse");
  await context.close();
}

async function dialogue(width) {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  const someone = person(page);
  const asked = [];
  const complaints = [];
  page.on("request", (request) => asked.push(request));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  const panel = page.getByTestId("egard-panel");
  const button = (id) => page.getByTestId(`egard-${id}`);

  await page.goto(`${shop}/`);
  await panel.waitFor();
  check((await context.cookies()).length === 0 && (await stored(page)) === 0, "something is stored before a choice");
  check(await page.evaluate(() => document.activeElement === document.body), "the question takes the focus away");
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.localName === "egard-consent"), "the keyboard does not come to the question first");
  const box = await panel.boundingBox();
  check(box.height <= 0.72 * 900, `the question is a wall: ${box.height} px of 900`);
  await page.getByRole("link", { name: "Mugs" }).click();
  check(page.url().endsWith("#mugs") && (await panel.isVisible()), "the page cannot be used beside the question");
  await alike(panel.locator(".decide button"));
  check((await panel.locator("input:checked").count()) === 0, "a box is ticked before a choice");
  await accessible(page, `dialogue-en-${width}`, true);
  await someone.click(button("refuse"));
  const refusing = someone.spent();
  await panel.waitFor({ state: "detached" });
  check((await names(context)).join() === "egard-consent", `who refuses gets ${await names(context)}`);
  check(!asked.some((request) => request.url().endsWith("/consent/choice")), "a refusal without a name was told to the server");
  await page.reload();
  await button("change").waitFor();
  check(!(await panel.isVisible()), "who refused is asked again");
  check(!(await button("withdraw").isVisible()), "there is something to withdraw though nothing was given");

  await button("change").click();
  check(await panel.evaluate((section) => section === section.getRootNode().activeElement), "who opens the question is not taken to it");
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  check(await focused(button("change")), "Escape does not lead back");
  await context.clearCookies();
  await page.goto(`${shop}/fr`);
  await panel.waitFor();
  await accessible(page, `dialogue-fr-${width}`, true);

  await someone.click(button("accept"));
  const accepting = someone.spent();
  noDearer(refusing, accepting, "refusing all");
  await panel.waitFor({ state: "detached" });
  check(await focused(button("change")), "the focus is lost with the question");
  const visitor = (await context.cookies()).find((cookie) => cookie.name === "ajs_anonymous_id").value;
  check((await states(visitor)).every((state) => state === "ConsentGiven"), "accepted, and the server does not know it");
  await page.reload();
  await button("withdraw").waitFor();
  check(!(await panel.isVisible()), "who accepted is asked again");
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await accessible(page, `dialogue-given-${width}`, true);
  const told = page.evaluate(() => new Promise((heard) => {
    window.addEventListener("egard:consent", (event) => heard(event.detail), { once: true });
  }));
  await someone.click(button("withdraw"));
  noDearer(someone.spent(), accepting, "withdrawing all");
  const { given, anonymousId } = await told;
  check(Object.values(given).length === 3 && Object.values(given).every((yes) => !yes), "the page is not told");
  check(anonymousId === visitor, "the page is told of another visitor");
  check((await states(visitor)).every((state) => state === "ConsentWithdrawn"), "withdrawn, and the server does not know it");

  // One by one: as many steps to take one back as to give it.
  const one = page.getByLabel("Apprendre de mes achats");
  for (const on of [true, false]) {
    await someone.click(button("change"));
    if (on) await picture(page, `dialogue-each-${width}`);
    await someone.tick(one, on);
    await someone.click(button("save"));
    await panel.waitFor({ state: "detached" });
    const spent = someone.spent();
    if (on) someone.giving = spent;
    else noDearer(spent, someone.giving, "withdrawing one");
    check((await states(visitor))[2] === (on ? "ConsentGiven" : "ConsentWithdrawn"), `one is not ${on}`);
  }
  check(asked.every((request) => [shop, base].some((ours) => request.url().startsWith(ours))), "something was loaded from elsewhere");
  check(asked.every((request) => !request.url().includes(visitor)), "a visitor's name stands in an address");
  check(complaints.length === 0, complaints.join("; "));

  // A server that cannot answer: it is said, and nothing is remembered.
  await context.clearCookies();
  await page.evaluate(() => localStorage.clear());
  await page.goto(`${shop}/`);
  await panel.waitFor();
  await page.route("**/consent/choice", (route) => route.abort());
  await button("accept").click();
  await panel.getByRole("alert").waitFor();
  check((await context.cookies()).length === 0, "an answer that was not saved is remembered");
  await context.close();
}

/** What a browser says for the person is an answer: nobody is asked, and no yes is offered. */
async function signals() {
  for (const [name, value] of [["Sec-GPC", "1"], ["ADPC", "withdraw=*"]]) {
    const context = await browser.newContext({ viewport: { width: 390, height: 900 } });
    const page = await context.newPage();
    // Chromium lets nobody set `Sec-…`, so the request is sent for it.
    await page.route(`${base}/**`, async (route) => {
      const headers = { ...(await route.request().allHeaders()), [name.toLowerCase()]: value };
      return route.fulfill({ response: await route.fetch({ headers }) });
    });
    await page.goto(`${shop}/`);
    await page.getByTestId("egard-change").waitFor();
    check(!(await page.getByTestId("egard-panel").isVisible()), `${name} says no, and the person is asked`);
    await page.getByTestId("egard-change").click();
    check(!(await page.getByTestId("egard-accept").isVisible()), `${name} says no, and a yes is offered`);
    check(await page.getByTestId("egard-refuse").isVisible(), `${name}: a no is not offered`);
    await picture(page, `dialogue-${name.toLowerCase()}`);
    await context.close();
  }
}

/** A page of somebody else's cannot answer for the person. */
async function forgery() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${shop}/forged`);
  await page.getByRole("button").click();
  await page.waitForURL(/said=stale/);
  check((await context.cookies()).length === 0, "a forged form left an answer");
  await page.goto(`${base}/consent?choice=all&purpose=personalise&said=given`);
  check((await context.cookies()).length === 0, "an address gave consent");
  await context.close();
}

async function states(visitor) {
  const answer = await fetch(`${base}/v1/consents/state`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ anonymousId: visitor }),
  });
  const { purposes } = await answer.json();
  return ["personalise", "segment", "train"].map((name) => purposes.find((one) => one.purpose === name).state);
}

async function standing(page, words) {
  return (await page.getByTestId("standing").innerText()).includes(words);
}

async function names(context) {
  return (await context.cookies()).map((cookie) => cookie.name);
}

async function stored(page) {
  return page.evaluate(() => localStorage.length + sessionStorage.length);
}

async function focused(locator) {
  return locator.evaluate((element) => element === element.getRootNode().activeElement);
}

/** Buttons that decide differ in their words and in nothing else. */
async function alike(buttons) {
  const looks = await buttons.evaluateAll((all) => all.map((button) => {
    const style = getComputedStyle(button);
    const box = button.getBoundingClientRect();
    return JSON.stringify([style.color, style.backgroundColor, style.fontSize, style.fontWeight, style.borderColor,
                           style.borderWidth, Math.round(box.width), box.height >= 44]);
  }));
  check(looks.length === 3 && new Set(looks).size === 1, `the buttons are not alike:\n${looks.join("\n")}`);
}

/** axe-core finds nothing in light, and no colour too weak in dark; nothing is wider than the window. */
async function accessible(page, name, scripted = false) {
  const shown = scripted ? page : await withScript(page);
  check(await shown.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: too wide`);
  await shown.evaluate(axe.source).catch(() => shown.addScriptTag({ content: axe.source }));
  for (const [scheme, runOnly] of [["light", tags], ["dark", colour]]) {
    await shown.emulateMedia({ colorScheme: scheme });
    await picture(shown, `${name}-${scheme}`, !scripted);
    const found = await shown.evaluate((rules) => window.axe.run(document, { runOnly: rules }), runOnly);
    const broken = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id} (${rule.help}): ${node.html} ${node.failureSummary}`));
    check(found.passes.length > 0, `${name}: axe looked at nothing`);
    check(broken.length === 0, `${name} in ${scheme}:\n${broken.join("\n")}`);
  }
  await shown.emulateMedia({ colorScheme: "light" });
  if (!scripted) await shown.context().close();
}

/** The same page, with the same cookies, where axe can run. */
async function withScript(page) {
  const context = await browser.newContext({ viewport: page.viewportSize(), storageState: await page.context().storageState() });
  const other = await context.newPage();
  await other.goto(page.url());
  return other;
}

async function picture(page, name, fullPage = false) {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage });
}
