// Tells the story to an SDK whose calls take a message and a callback, and says what became of it.
// Called with the host and the write key; says one line of JSON: how many calls were made, for
// how many of them the SDK reported success, and everything it reported otherwise.
"use strict";

const story = require("./story.json");

const [host, writeKey] = process.argv.slice(2);
const report = { sent: 0, confirmed: 0, errors: [] };

/** The calls of the story, each as the name of a method and its message. */
function calls() {
  const { userId, anonymousId, traits, event, properties, page, groupId, group } = story;
  return [
    ["identify", { userId, anonymousId, traits }],
    ["track", { userId, anonymousId, event, properties }],
    ["page", { userId, anonymousId, name: page, properties: {} }],
    ["group", { userId, anonymousId, groupId, traits: group }],
    ["alias", { userId, previousId: anonymousId }],
  ];
}

/** Something the SDK reported that is no success. */
function fault(error) {
  report.errors.push(String(error?.message ?? error));
}

/** Makes every call; the promise is kept when the SDK has called back for each. */
function tell(client) {
  const told = calls().map(([method, message]) => {
    report.sent += 1;
    return new Promise((resolve) => {
      client[method](message, (error) => {
        if (error) fault(error);
        else report.confirmed += 1;
        resolve();
      });
    });
  });
  return Promise.all(told);
}

/** Prints the report when `story` has ended, and fails when it did not end well. */
function run(story) {
  story().catch(fault).then(() => console.log(JSON.stringify(report)));
}

module.exports = { host, writeKey, report, story, fault, tell, run };
