// Checks a receipt of Égard with nothing but this browser: SHA-256, HMAC and Ed25519 of WebCrypto, and no
// request to anybody. CONTEXT and PURPOSES stand above this line; docs/receipts.md says the steps in words.
"use strict";

const utf8 = (text) => new TextEncoder().encode(text);
const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

class Refused extends Error {}
function must(fact, code) {
  if (!fact) throw new Refused(code);
}

/** Base64 as it must be written; anything else is `code`. */
function base64(text, code) {
  let raw = null;
  try { raw = atob(text); } catch { /* told below */ }
  must(raw !== null && btoa(raw) === text, code);
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** JSON that every reader reads alike. */
function json(text, code) {
  try {
    return JSON.parse(text, (name, value) => {
      encodeURIComponent(name);
      if (typeof value === "string") encodeURIComponent(value);
      if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError();
      return value;
    });
  } catch {
    throw new Refused(code);
  }
}

/** A key as signed notes write it: name+id+base64(type and key). Type 1 is a log, 4 a witness. */
async function publicKey(text, type) {
  const [, name, id, rest] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  must(name && isName(name), "key");
  const typed = base64(rest, "key");
  must(typed.length === 33 && typed[0] === type, "key");
  must(hex(await sha256(join(utf8(`${name}\n`), typed))).startsWith(id), "key");
  return { name, id, raw: typed.slice(1) };
}
const isName = (name) => !/[\p{White_Space}\p{Cc}+]/u.test(name) && utf8(name).length <= 255;

async function signed(key, message, signature) {
  if (signature.length !== 64) return false;
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.raw, "Ed25519", false, ["verify"]);
  } catch (error) {
    throw new Refused(error.name === "NotSupportedError" ? "no-ed25519" : "key");
  }
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}

/** `c2sp.org/tlog-proof@v1`: entry, index, hashes, checkpoint. */
function readProof(text) {
  let rest = text;
  const line = () => {
    const end = rest.indexOf("\n");
    must(end >= 0, "proof");
    const found = rest.slice(0, end);
    rest = rest.slice(end + 1);
    return found;
  };
  must(line() === "c2sp.org/tlog-proof@v1", "proof");
  const extra = line();
  must(extra.startsWith("extra "), "proof");
  const entry = base64(extra.slice(6), "proof");
  const [, index] = /^index (0|[1-9][0-9]{0,19})$/.exec(line()) ?? [];
  must(index !== undefined && BigInt(index) < 2n ** 64n, "proof");
  const hashes = [];
  for (let next = line(); next !== ""; next = line()) {
    const hash = base64(next, "proof");
    must(hash.length === 32 && hashes.length < 64, "proof");
    hashes.push(hash);
  }
  return { entry, index: BigInt(index), hashes, checkpoint: rest };
}

/** The checkpoint: signed by the log, and every other signature by a witness whose key is there. */
async function readCheckpoint(note, log, witnesses) {
  must(utf8(note).length <= 524288 && !/[\0-\x09\x0b-\x1f]/.test(note), "signature");
  const cut = note.lastIndexOf("\n\n");
  must(cut >= 0 && note.endsWith("\n"), "signature");
  const text = note.slice(0, cut + 1);
  const lines = note.slice(cut + 2).slice(0, -1).split("\n");
  must(lines.length <= 64, "signature");
  const signatures = lines.map((line) => {
    const [, name, rest] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
    must(name && isName(name), "signature");
    const bytes = base64(rest, "signature");
    must(bytes.length > 4, "signature");
    return { name, id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
  });
  const of = (key) => (one) => one.name === key.name && one.id === key.id;
  must(signatures.some(of(log)), "signature");
  for (const one of signatures.filter(of(log))) must(await signed(log, utf8(text), one.bytes), "signature");
  const cosigned = [];
  for (const one of signatures.filter((one) => !of(log)(one))) {
    const witness = witnesses.find((key) => of(key)(one));
    must(witness, "stranger");
    must(one.bytes.length === 72, "signature");
    const time = one.bytes.slice(0, 8).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
    must(time < 2n ** 63n && (await signed(witness, message, one.bytes.slice(8))), "signature");
    cosigned.push(witness.name);
  }
  must(cosigned.length === witnesses.length, "key");
  const [origin, size, root, ...more] = text.slice(0, -1).split("\n");
  must(origin === log.name && /^(0|[1-9][0-9]{0,19})$/.test(size ?? "") && root !== undefined, "signature");
  must(BigInt(size) < 2n ** 56n && more.every((line) => line !== ""), "signature");
  const hash = base64(root, "signature");
  must(hash.length === 32, "signature");
  return { origin, size: BigInt(size), root: hash, cosigned };
}

/** RFC 9162, section 2.1.3.2: whether the leaf at `index` leads to the root. */
async function leadsTo(root, leaf, index, size, hashes) {
  if (index >= size) return false;
  let [at, last, hash] = [index, size - 1n, leaf];
  for (const other of hashes) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      hash = await sha256(join([1], other, hash));
      while ((at & 1n) === 0n && at !== 0n) { at >>= 1n; last >>= 1n; }
    } else {
      hash = await sha256(join([1], hash, other));
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && hex(hash) === hex(root);
}

/** The entry as it stands in the log: canonical JSON, nothing else. */
function readEntry(bytes) {
  let text = null;
  try { text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { /* told below */ }
  must(text !== null && bytes.length <= 65535, "entry");
  const entry = json(text, "entry");
  const members = ["c", "charter", "day", "kind", "program", "purpose", "reasons", "v", "verdict"];
  must(isObject(entry) && Object.keys(entry).every((name) => members.includes(name)), "entry");
  const word = (value) => typeof value === "string" && /^[A-Za-z0-9._:/-]{1,96}$/.test(value);
  const digest = (value) => value === undefined || /^[0-9a-f]{64}$/.test(value);
  must(word(entry.kind) && word(entry.verdict) && entry.v === 1, "entry");
  must(entry.purpose === undefined || word(entry.purpose), "entry");
  must(digest(entry.charter) && digest(entry.program) && typeof entry.c === "string", "entry");
  must(Array.isArray(entry.reasons) && entry.reasons.length <= 128 && entry.reasons.every(word), "entry");
  must(entry.reasons.every((one, at) => at === 0 || entry.reasons[at - 1] < one), "entry");
  const day = /^(19[7-9]|[2-9][0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}$/.test(entry.day) ? new Date(`${entry.day}T00:00:00Z`) : NaN;
  must(!Number.isNaN(Number(day)) && day.toISOString().startsWith(entry.day), "entry");
  const sorted = Object.keys(entry).sort().map((name) => [name, entry[name]]);
  must(JSON.stringify(Object.fromEntries(sorted)) === text, "entry");
  return { ...entry, commitment: base64(entry.c, "entry") };
}

/** The words that were shown, if they are there and are those. */
async function readWords(text, notice) {
  if (text === undefined || text === null) return undefined;
  must(notice, "words");
  const words = json(text, "words");
  const strings = (value, names) =>
    isObject(value) && Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name)) &&
    names.every((name) => name === "purposes" || typeof value[name] === "string");
  must(strings(words, ["language", "purposes", "text", "title"]) && Array.isArray(words.purposes), "words");
  must(words.purposes.every((one) => strings(one, ["label", "purpose", "text"])), "words");
  must(notice.language === words.language && notice.text === hex(await sha256(utf8(text))), "words");
  return words;
}

/** The whole document, made again from what is proved. A member that is undefined is left out. */
function documentOf(parts, { entry, leaf, origin, index, details, words }) {
  const text = (value) => (typeof value === "string" ? value : undefined);
  const bool = (value) => (typeof value === "boolean" ? value : undefined);
  const whole = (value) => (Number.isSafeInteger(value) ? value + 0 : undefined);
  const object = (value) => (isObject(value) ? value : undefined);
  const time = (ms) => (whole(ms) >= 0 && ms <= 253402300799999 ? new Date(ms).toISOString() : undefined);
  const purpose = (name) => {
    const [, term, basis] = PURPOSES.find(([known]) => known === name) ?? [];
    return term ? { name, purpose: term, legalBasis: basis } : { name };
  };
  const choice = entry.kind === "choice";
  const said = choice ? details : {};
  const event = object(said.evidence);
  const from = object(event?.origin);
  const notice = object(event?.notice);
  const days = whole(notice?.valid_days);
  const states = object(said.states) ?? {};
  const consents = PURPOSES.map(([name]) => [name, states[name]])
    .filter(([, state]) => typeof state === "string" && STATES.includes(state))
    .map(([name, state]) => ({ ...purpose(name), status: `dpv:${state}` }));
  const list = entry.kind === "recommendation" ? details : {};
  const items = Array.isArray(list.items) && list.items.every((item) => Array.isArray(item) && text(item[0]) !== undefined)
    ? list.items.map(([item]) => item) : undefined;
  const at = time(details.at);
  const controller = text(notice?.controller);
  return {
    "@type": choice ? "ConsentReceipt" : entry.kind === "recommendation" ? "DecisionReceipt" : "RecordReceipt",
    schemaVersion: "urn:egard:receipt:1",
    receiptId: `urn:sha256:${hex(leaf)}`,
    recordId: `${origin}#${index}`,
    kind: entry.kind,
    verdict: entry.verdict,
    rules: entry.reasons,
    day: entry.day,
    time: at,
    charter: entry.charter,
    program: entry.program,
    use: entry.purpose && purpose(entry.purpose),
    source: text(said.source),
    act: text(said.act),
    about: text(said.about),
    event: event && {
      component: text(event.component),
      action: text(event.action),
      page: text(event.page),
      signals: ["gpc", "adpc"].filter((name) => event[name] === true),
      origin: text(from?.source),
      originTime: time(from?.at),
    },
    notice: notice && {
      id: text(notice.id),
      version: whole(notice.version),
      language: text(notice.language),
      fileHash: text(notice.digest),
      textHash: text(notice.text),
      controller: controller === undefined ? undefined : { name: controller },
      validity: days > 0 ? `P${days}D` : undefined,
      words: words && {
        title: words.title,
        text: words.text,
        purposes: words.purposes.map((one) => ({ name: one.purpose, label: one.label, text: one.text })),
      },
    },
    consents: choice ? consents : undefined,
    objected: bool(said.objected),
    objectedMarketing: bool(said.objected_marketing),
    restricted: bool(said.restricted),
    softOptIn: object(said.soft_opt_in) && true,
    decision: items && text(list.mode) !== undefined ? {
      mode: list.mode,
      placement: text(object(list.request)?.placement),
      items,
      historyItems: Array.isArray(list.history) ? list.history.length : undefined,
      model: text(list.model),
      catalogue: text(list.catalogue),
    } : undefined,
    notProved: ["truth", "dataSubject", at && "exactTime", controller === undefined && "controller",
      notice && !words && "noticeWords", "processing"].filter(Boolean),
    proof: {
      details: parts.details,
      secret: parts.secret,
      noticeText: parts.noticeText ?? undefined,
      tlogProof: parts.tlogProof,
      logKey: parts.logKey,
      witnessKeys: parts.witnessKeys,
    },
    "@context": CONTEXT,
  };
}

/** Checks the text of a receipt, to the letter; `given` is the log's key from elsewhere, or empty. Answers
 *  what is proved, or fails with a code that says what is wrong. */
async function checkReceipt(text, given) {
  must(globalThis.crypto?.subtle, "no-crypto");
  const parts = json(text, "shape")?.proof;
  const names = ["details", "secret", "tlogProof", "logKey", "witnessKeys", "noticeText"];
  must(isObject(parts) && Object.keys(parts).every((name) => names.includes(name)), "shape");
  must(names.slice(0, 4).every((name) => typeof parts[name] === "string"), "shape");
  must(["string", "undefined"].includes(typeof (parts.noticeText ?? undefined)), "shape");
  must(Array.isArray(parts.witnessKeys) && parts.witnessKeys.every((key) => typeof key === "string"), "shape");
  const log = await publicKey(parts.logKey, 1);
  if (given) {
    await publicKey(given, 1);
    must(given === parts.logKey, "other-key");
  }
  const witnesses = [];
  for (const key of parts.witnessKeys) witnesses.push(await publicKey(key, 4));
  const proof = readProof(parts.tlogProof);
  const { origin, size, root, cosigned } = await readCheckpoint(proof.checkpoint, log, witnesses);
  const leaf = await sha256(join([0], proof.entry));
  must(await leadsTo(root, leaf, proof.index, size, proof.hashes), "inclusion");
  const entry = readEntry(proof.entry);
  const secret = base64(parts.secret, "secret");
  must(secret.length === 32, "secret");
  const mac = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const commitment = new Uint8Array(await crypto.subtle.sign("HMAC", mac, utf8(parts.details)));
  must(hex(commitment) === hex(entry.commitment), "commitment");
  const details = json(parts.details, "details");
  must(isObject(details), "details");
  const notice = entry.kind === "choice" && isObject(details.evidence) ? details.evidence.notice : undefined;
  const words = await readWords(parts.noticeText, isObject(notice) ? notice : undefined);
  const proved = documentOf(parts, { entry, leaf, origin, index: proof.index, details, words });
  const again = `${JSON.stringify(proved, null, 2)}\n`;
  if (again !== text) {
    const [ours, theirs] = [again.split("\n"), text.split("\n")];
    const differs = ours.findIndex((line, at) => line !== theirs[at]);
    throw Object.assign(new Refused("readable"), { line: (differs < 0 ? ours.length : differs) + 1 });
  }
  return { proved, size, cosigned, keyGiven: Boolean(given) };
}

// The page.

/** The page's own words, with their places filled. */
function say(key, places = {}) {
  const word = document.querySelector(`[data-word="${CSS.escape(key)}"]`)?.textContent ?? key;
  return word.replace(/\{(\w+)\}/g, (all, name) => places[name] ?? all);
}

function show(verdict, kind, title, groups) {
  verdict.replaceChildren();
  verdict.dataset.verdict = kind;
  verdict.append(Object.assign(document.createElement("h2"), { textContent: title }));
  for (const [heading, lines] of groups) {
    if (!heading) {
      verdict.append(Object.assign(document.createElement("p"), { textContent: lines.join(" ") }));
      continue;
    }
    verdict.append(Object.assign(document.createElement("h3"), { textContent: heading }));
    const list = document.createElement("ul");
    for (const line of lines) list.append(Object.assign(document.createElement("li"), { textContent: line }));
    verdict.append(list);
  }
  verdict.hidden = false;
  verdict.focus();
}

function linesOf({ proved, size, cosigned }) {
  const { event, notice, decision } = proved;
  const lines = [
    say("place", { index: proved.recordId.split("#").pop(), size, origin: proved.recordId.split("#").slice(0, -1).join("#") }),
    say("said", { kind: proved.kind, verdict: proved.verdict, day: proved.day }),
  ];
  if (proved.use) lines.push(say("use", { purpose: say(`purpose:${proved.use.name}`) }));
  if (proved.time) lines.push(say("time", { time: proved.time }));
  if (event?.action) lines.push(say(`action:${event.action}`));
  if (event?.page) lines.push(say("page", { page: event.page }));
  if (notice?.id) lines.push(say("notice", { id: notice.id, version: notice.version ?? "?", language: notice.language ?? "?" }));
  if (notice?.controller) lines.push(say("controller", { name: notice.controller.name }));
  if (notice?.words) lines.push(say("words", { words: [notice.words.title, notice.words.text].join(" – ") }));
  for (const one of proved.consents ?? []) {
    lines.push(say("consent", { purpose: say(`purpose:${one.name}`), state: say(`state:${one.status}`) }));
  }
  if (decision) lines.push(say("list", { items: decision.items.join(", ") }));
  return [...lines, say("details")].concat(cosigned.map((name) => say("cosigned", { name })));
}

async function checkHere(text) {
  const verdict = document.getElementById("verdict");
  const given = document.getElementById("key").value.trim();
  try {
    const checked = await checkReceipt(text, given);
    const kind = checked.keyGiven ? "good" : "own";
    show(verdict, kind, say(kind), [
      [null, [say(`key-${kind}`)]],
      [say("proved"), linesOf(checked)],
      [say("unproved"), checked.proved.notProved.map((name) => say(`unproved:${name}`))],
    ]);
  } catch (error) {
    const code = error instanceof Refused ? error.message : "shape";
    const kind = code.startsWith("no-") ? "unable" : "refused";
    show(verdict, kind, say(kind), [[null, [say(`error:${code}`, { line: error.line })]]]);
  }
}

async function checkFile(file) {
  let text = "";
  if (file.size <= 8 * 1024 * 1024) {
    // What is not UTF-8 is no receipt: the empty text says so.
    text = await file.arrayBuffer()
      .then((bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))
      .catch(() => "");
  }
  await checkHere(text);
}

if (globalThis.document?.getElementById("verify")) {
  const form = document.getElementById("verify");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [file] = document.getElementById("file").files;
    const pasted = document.getElementById("pasted").value;
    // Copying may lose the last line's end, and says nothing by it.
    if (pasted.trim()) checkHere(`${pasted.trim()}\n`);
    else if (file) checkFile(file);
    else checkHere("");
  });
}
