// @jitsu/js on a server. It knows no alias, and sends each call by itself.
"use strict";

const { jitsuAnalytics } = require("@jitsu/js");
const { host, writeKey, report, story, fault, run } = require("./tell.cjs");

run(async () => {
  const client = jitsuAnalytics({ host, writeKey, s2s: true, errorPolicy: fault });
  const { userId, anonymousId, traits, event, properties, page, groupId, group } = story;
  await client.setAnonymousId(anonymousId);
  const calls = [
    () => client.identify(userId, traits),
    () => client.track(event, properties),
    () => client.page({ name: page }),
    () => client.group(groupId, group),
  ];
  for (const call of calls) {
    report.sent += 1;
    // Where it fails it calls the error policy, and gives nothing back.
    if (await call()) report.confirmed += 1;
  }
});
