/*! bonafide.js 1.0.0, Apache-2.0. Talks to its own server only. */
(() => {
  "use strict";
  // Half of what browsers let live on after a page: one batch under way, one beacon.
  const BATCH_BYTES_MAX = 30_000;
  const BATCH_EVENTS_MAX = 50;
  const QUEUE_EVENTS_MAX = 500;
  const GATHER_MS = 250;
  const ANSWER_MS_MAX = 30_000;
  const TRIES_MAX = 10;
  const BACK_OFF_MS = 1_000;
  const BACK_OFF_MS_MAX = 60_000;
  const WAIT_S_MAX = 300;
  const PREFERENCE_EVENT = "Segment Consent Preference Updated";

  const tag = document.currentScript;
  const own = new URL(tag.src);
  const keyed = /^(.*)\/analytics\.js\/(?:v1\/)*([^/]+)\/[^/]+\/?$/.exec(own.pathname);
  const base = own.origin + (keyed ? keyed[1] : own.pathname.replace(/\/[^/]*\/?$/, ""));
  const note = (...words) => console.warn("bonafide:", ...words);

  const attribute = (name) => tag.getAttribute(`data-${name}`) ?? undefined;
  const place = keyed
    ? attribute("global-segment-analytics-key") || "analytics"
    : attribute("namespace") || window.jitsuConfig?.namespace || "jitsu";
  const stub = window[place] || [];
  if (stub.initialized) return note("this page loads the script twice");
  const settings = (keyed ? stub._loadOptions : window.jitsuConfig) ?? {};
  const key = keyed ? decodeURIComponent(keyed[2]) : attribute("write-key") || settings.writeKey;
  if (!key) return note("give the script a data-write-key");

  // Who the visitor is. Without storage it holds for this page. Traits are never kept here.
  let stored = settings.storage !== false && attribute("storage") !== "false";
  const TAB = "sessionStorage";
  const memory = {};
  const recall = (name, area = "localStorage") => {
    try {
      if (stored) memory[name] = JSON.parse(window[area].getItem(name)) ?? undefined;
    } catch {
      // The browser keeps nothing for this page.
    }
    return memory[name];
  };
  const retain = (name, value, area = "localStorage") => {
    memory[name] = value;
    try {
      if (stored && value === undefined) window[area].removeItem(name);
      else if (stored) window[area].setItem(name, JSON.stringify(value));
    } catch {
      stored = false;
    }
  };
  const VISITOR = "bonafide_visitor";
  const USER = "bonafide_user";
  const QUEUE = `bonafide_queue_${key}`;

  const uuid = () => {
    // Pages that came without TLS have no `randomUUID`.
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const visitor = () => {
    const known = recall(VISITOR);
    if (known) return known;
    // Who comes from analytics.js stays the same visitor.
    const earlier = recall("ajs_anonymous_id");
    const id = typeof earlier === "string" && earlier ? earlier : uuid();
    retain(VISITOR, id);
    return id;
  };

  // What the visitor said. Silence is sent as silence, which grants nothing.
  let consent = settings.consent ?? settings.privacy?.consentCategories;
  try {
    consent ??= JSON.parse(attribute("consent") ?? "null");
  } catch {
    note("data-consent is not JSON");
  }
  const said = () => {
    const words = {};
    try {
      const given = typeof consent === "function" ? consent() : consent;
      if (given) words.categoryPreferences = given;
    } catch (error) {
      note("the consent function failed", error);
    }
    if (navigator.globalPrivacyControl) words.gpc = true;
    return words.gpc || words.categoryPreferences ? words : undefined;
  };

  const page = (seen) => {
    const here = { p: location.pathname, s: location.search, u: location.href.split("#")[0] };
    const { p, s, u, r, t } = seen ?? { ...here, r: document.referrer, t: document.title };
    return { path: p, search: s, url: u, referrer: r, title: t };
  };
  const campaign = (search) => {
    const found = [...new URLSearchParams(search)].filter(([name]) => name.startsWith("utm_"));
    const named = found.map(([name, value]) => [name.slice(4).replace("campaign", "name"), value]);
    return found.length ? Object.fromEntries(named) : undefined;
  };

  // Events that no answer has settled yet, oldest first. They outlive the page in its tab; the
  // server knows by their ids which of them it has.
  const queue = [];
  let [timer, flying, tries, left] = [0, 0, 0, false];
  const remember = () => {
    retain(QUEUE, queue.length ? queue.map((event) => event.text) : undefined, TAB);
  };
  const enqueue = (text, settle) => {
    queue.push({ text, bytes: new Blob([text]).size, settle });
    if (queue.length > QUEUE_EVENTS_MAX + flying) {
      queue.splice(flying, 1)[0].settle?.();
      note("too many events wait: one is dropped");
    }
  };
  const batch = (from) => {
    let bytes = 0;
    const events = [];
    for (const event of queue.slice(from, from + BATCH_EVENTS_MAX)) {
      bytes += event.bytes + 1;
      if (events.length && bytes > BATCH_BYTES_MAX) break;
      events.push(event);
    }
    const texts = events.map((event) => event.text).join();
    const head = JSON.stringify({ writeKey: key, sentAt: new Date() }).slice(0, -1);
    return { count: events.length, bytes, body: `${head},"batch":[${texts}]}` };
  };
  const soon = (ms) => {
    if (!timer && !flying && queue.length) timer = setTimeout(send, ms);
  };
  // Plain text with the key inside: a request that browsers send without asking first.
  const url = `${base}/v1/batch`;
  const type = "text/plain";
  async function send() {
    clearTimeout(timer);
    timer = 0;
    if (flying || left || !queue.length) return;
    const { count, bytes, body } = batch(0);
    flying = count;
    let [status, wait, answer] = [0, 0, {}];
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": type },
        credentials: "omit",
        keepalive: bytes <= BATCH_BYTES_MAX,
        signal: AbortSignal.timeout?.(ANSWER_MS_MAX),
        body,
      });
      status = response.status;
      wait = Math.min(Number(response.headers.get("Retry-After")) || 0, WAIT_S_MAX) * 1_000;
      answer = await response.json();
    } catch {
      // No answer, or none of ours; the status says what to do.
    }
    flying = 0;
    if (!status || status === 408 || status === 429 || status >= 500) {
      tries += 1;
      if (tries >= TRIES_MAX) {
        tries = 0;
        return note("no answer: waiting for the next event");
      }
      const pause = Math.min(BACK_OFF_MS * 2 ** (tries - 1), BACK_OFF_MS_MAX);
      return soon(wait || pause * (0.5 + Math.random() / 2));
    }
    tries = 0;
    for (const event of queue.splice(0, count)) event.settle?.(answer);
    remember();
    if (status !== 200) note(`refused (${status}): ${answer.message}: ${answer.remedy}`);
    else if (answer.events) note("some events were not simply stored", answer.events);
    soon(0);
  }

  const message = (type, fields, options, seen) => {
    const { context, integrations, timestamp, anonymousId, userId, messageId } = options ?? {};
    const where = page(seen);
    const whole = {
      type,
      messageId: messageId ?? uuid(),
      timestamp: timestamp ?? new Date(),
      anonymousId: anonymousId ?? visitor(),
      userId: userId ?? recall(USER),
      ...fields,
      integrations,
      context: {
        library: { name: "bonafide.js", version: "1.0.0" },
        page: where,
        campaign: campaign(where.search),
        userAgent: navigator.userAgent,
        locale: navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        consent: said(),
        ...context,
      },
    };
    return new Promise((settle) => {
      enqueue(JSON.stringify(whole), settle);
      remember();
      soon(GATHER_MS);
    });
  };

  const isText = (value) => typeof value === "string" || typeof value === "number";
  // Leading texts, then an object, then options; a function among them is called when it is done.
  const call = (make) => (...words) => {
    const last = words[words.length - 1];
    const seen = last?.__t === "bpc" ? words.pop() : undefined;
    const done = words.find((word) => typeof word === "function");
    words = words.filter((word) => typeof word !== "function");
    const texts = [];
    while (words.length && (isText(words[0]) || (words[0] == null && !texts.length))) {
      texts.push(words.shift());
    }
    const [type, fields] = make(texts, words[0] ?? {}, seen);
    const sent = message(type, fields, words[1], seen);
    if (done) sent.then(done);
    return sent;
  };
  const viewed = (type) =>
    call((texts, properties, seen) => {
      const [name, category] = texts.filter((text) => text != null).reverse();
      const where = type === "page" ? page(seen) : {};
      return [type, { name, category, properties: { ...where, ...properties } }];
    });
  const track = call(([event], properties) => ["track", { event, properties }]);
  const listening = (kind) => (targets, event, properties) => {
    const of = (value, element) => (typeof value === "function" ? value(element) : value);
    for (const element of targets?.addEventListener ? [targets] : (targets ?? [])) {
      element.addEventListener(kind, () => track(of(event, element), of(properties, element)));
    }
  };

  const api = {
    track,
    page: viewed("page"),
    screen: viewed("screen"),
    identify: call(([id], traits) => {
      if (id != null && id !== "") retain(USER, String(id));
      return ["identify", { userId: recall(USER), traits }];
    }),
    group: call(([groupId], traits) => ["group", { groupId, traits }]),
    alias: call(([to, from]) => {
      const previousId = from ?? recall(USER) ?? visitor();
      return ["alias", { userId: to, previousId }];
    }),
    reset() {
      retain(USER, undefined);
      retain(VISITOR, uuid());
    },
    ready: (then) => then?.(api),
    load: () => api,
    user: () =>
      keyed
        ? { id: () => recall(USER), anonymousId: visitor, traits: () => ({}) }
        : { userId: recall(USER), anonymousId: visitor(), traits: {} },
    setAnonymousId: (id) => retain(VISITOR, id || uuid()),
    /** Sets what the visitor allows (an object of categories, or a function giving one); says so. */
    consent(words) {
      consent = words;
      return track(PREFERENCE_EVENT);
    },
    configure(options) {
      consent = options?.privacy?.consentCategories ?? consent;
    },
    flush: send,
    trackLink: listening("click"),
    trackForm: listening("submit"),
  };
  Object.assign(api, { pageview: api.page, initialize: api.load, initialized: true });
  const missing = (method) => () => note(`this script has no ${method}`);
  for (const method of stub.methods ?? []) api[method] ??= missing(method);
  const run = ([method, ...words]) => (api[method] ?? missing(method))(...words);

  for (const text of recall(QUEUE, TAB) ?? []) enqueue(text);
  soon(0);
  addEventListener("visibilitychange", () => {
    // Not while the server wants to be left alone.
    if (!tries && document.visibilityState === "hidden") send();
  });
  addEventListener("pageshow", () => {
    left = false;
    soon(GATHER_MS);
  });
  addEventListener("pagehide", () => {
    left = true;
    const { count, body } = batch(flying);
    // Still remembered: a beacon says nothing of its end, and a repetition changes nothing.
    if (count) navigator.sendBeacon(url, new Blob([body], { type }));
  });

  // What the page called before, in its order. The object stays, for whoever holds it.
  const waiting = Array.isArray(stub) ? stub.splice(0) : [];
  window[place] = Object.assign(stub, api, { push: (...calls) => calls.forEach(run) });
  if (keyed) return waiting.forEach(run);
  if (attribute("init-only") !== "true" && settings.initOnly !== true) api.page();
  waiting.forEach(run);
  const onload = attribute("onload") ?? settings.onload;
  const give = (then) => (typeof then === "function" ? then(api) : note("a function is needed", then));
  if (onload) give(window[onload]);
  const later = window[`${place}Q`] ?? [];
  window[`${place}Q`] = { push: give };
  later.forEach(give);
})();
