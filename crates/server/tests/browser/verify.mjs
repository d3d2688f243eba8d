// The page that checks receipts: its script against verdicts made by the program, on hundreds of good and
// changed receipts; then the page as a person uses it, by file and by paste, in both languages, on a phone
// and on a desk, in light and dark, without script, and saved to a file without a network.
//
//   node verify.mjs http://127.0.0.1:8080 cases.json LOG-KEY [folder for screenshots]

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import axe from "axe-core";

const [base, file, key, pictures] = process.argv.slice(2);
assert.ok(key, "the address of the server, the cases or the key of the log is missing");
const cases = JSON.parse(readFileSync(file, "utf8"));
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

const good = cases.filter(([, given, code]) => given === key && code === "")
  .map(([bytes]) => Buffer.from(bytes, "base64"));
const refused = cases.filter(([, , code]) => code === "readable").map(([bytes]) => Buffer.from(bytes, "base64"));

try {
  await agree();
  for (const width of [390, 1280]) await use(width);
  await saved();
  await withoutScript();
  console.log(`the browser and the program agreed on ${cases.length} receipts; ${checks} checks held`);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}

/** A page on which nothing may go wrong unseen. */
async function open(context, address) {
  const page = await context.newPage();
  page.on("pageerror", (error) => assert.fail(`the script failed: ${error}`));
  page.on("console", (said) => said.type() === "error" && assert.fail(`the console says: ${said.text()}`));
  return [page, await page.goto(address)];
}

async function agree() {
  const context = await browser.newContext();
  const [page, response] = await open(context, `${base}/verify?lang=en`);
  const policy = response.headers()["content-security-policy"];
  check(/script-src 'sha256-/.test(policy) && !/unsafe|'self'|connect-src/.test(policy), `the policy is ${policy}`);
  const judged = await page.evaluate(async (cases) => {
    const all = [];
    for (const [bytes, given] of cases) {
      try {
        const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
        let text = "";
        try { text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw); } catch { /* no text */ }
        await checkReceipt(text, given);
        all.push("");
      } catch (error) {
        all.push(error instanceof Refused ? error.message : `failed: ${error}`);
      }
    }
    return all;
  }, cases);
  const counts = {};
  cases.forEach(([bytes, given, code], at) => {
    const text = Buffer.from(bytes, "base64").toString();
    assert.equal(judged[at], code, `case ${at}, key ${given}: ${text}`);
    counts[code] = (counts[code] ?? 0) + 1;
  });
  console.log(JSON.stringify(counts));
  check(counts[""] >= 30, "too few receipts hold");
  for (const code of ["shape", "key", "other-key", "proof", "signature", "inclusion", "commitment", "secret", "words", "readable", "stranger", "details"]) {
    check(counts[code] > 0, `no receipt is refused for \`${code}\``);
  }
  await context.close();
}

async function use(width) {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const requests = [];
  context.on("request", (request) => requests.push(request.url()));
  for (const language of ["en", "fr"]) {
    const [page] = await open(context, `${base}/verify?lang=${language}`);
    await accessible(page, `verify-${language}-${width}`);
    const verdict = page.getByTestId("verdict");
    const kind = () => verdict.getAttribute("data-verdict");
    const pressed = async () => {
      const before = await page.evaluate(() => document.getElementById("verdict").replaceChildren());
      await page.getByTestId("check").click();
      await page.waitForFunction(() => document.querySelector("#verdict h2"));
      return before;
    };
    await page.locator("#file").setInputFiles({ name: "receipt.json", mimeType: "application/json", buffer: good[1] });
    await pressed();
    check((await kind()) === "own", "its own key was taken for a proof");
    await accessible(page, `verify-own-${language}-${width}`);
    await page.locator("#key").fill(key);
    await pressed();
    check((await kind()) === "good", await verdict.innerText());
    const said = await verdict.innerText();
    check(said.includes("shop.example/egard") && !/\{\w+\}|undefined|verify-|unproved:|purpose:|state:/.test(said), said);
    await accessible(page, `verify-good-${language}-${width}`);
    await page.locator("#file").setInputFiles({ name: "forged.json", mimeType: "application/json", buffer: refused[0] });
    await pressed();
    check((await kind()) === "refused", "a forged receipt was not refused");
    await accessible(page, `verify-refused-${language}-${width}`);
    // Pasted, without its last line's end.
    await page.locator("#pasted").fill(good[0].toString().trimEnd());
    await pressed();
    check((await kind()) === "good", await verdict.innerText());
    await page.locator("#pasted").fill("<img src=x onerror=alert(1)>");
    await pressed();
    check((await kind()) === "refused" && (await verdict.locator("img").count()) === 0, "text became markup");
    await page.close();
  }
  check(requests.every((url) => url.startsWith(`${base}/verify`) || url.startsWith("data:")), `asked for ${requests}`);
  await context.close();
}

/** Saved as one file, opened from the disk, without a network. */
async function saved() {
  const page = await (await fetch(`${base}/verify?lang=fr`)).text();
  const place = join(home, "verify.html");
  writeFileSync(place, page);
  const context = await browser.newContext({ offline: true });
  const [tab] = await open(context, `file://${place}`);
  await tab.locator("#key").fill(key);
  await tab.locator("#file").setInputFiles({ name: "r.json", mimeType: "application/json", buffer: good[0] });
  await tab.getByTestId("check").click();
  await tab.waitForFunction(() => document.querySelector("#verdict h2"));
  check((await tab.getByTestId("verdict").getAttribute("data-verdict")) === "good", "the saved page does not work");
  // A browser without Ed25519 says so, and claims nothing.
  const words = await tab.evaluate(async () => {
    const own = crypto.subtle.importKey.bind(crypto.subtle);
    crypto.subtle.importKey = (form, bytes, name, ...rest) =>
      name === "Ed25519" ? Promise.reject(new DOMException("", "NotSupportedError")) : own(form, bytes, name, ...rest);
    document.getElementById("verdict").replaceChildren();
    document.getElementById("verify").requestSubmit();
    while (!document.querySelector("#verdict h2")) await new Promise((done) => setTimeout(done, 10));
    return [document.getElementById("verdict").dataset.verdict, document.getElementById("verdict").innerText];
  });
  check(words[0] === "unable" && words[1].includes("Ed25519"), String(words));
  await context.close();
}

async function withoutScript() {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${base}/verify?lang=en`);
  check(!(await page.locator("#verify").isVisible()), "a form that does nothing is shown");
  check((await page.locator("noscript").innerText()).includes("egard verify receipt"), "nothing says how");
  await context.close();
}

/** The rules of accessibility, in light and dark, nothing wider than the screen. */
async function accessible(page, name) {
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.evaluate(axe.source);
    const found = await page.evaluate((rules) => axe.run({ runOnly: rules }), rules);
    const faults = found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
    check(faults.length === 0, `${name}, ${scheme}: ${faults.join("\n")}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    check(!wide, `${name} is wider than the screen`);
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-${scheme}.png`), fullPage: true });
  }
}
