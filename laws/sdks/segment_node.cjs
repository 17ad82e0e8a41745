// @segment/analytics-node.
"use strict";

const { Analytics } = require("@segment/analytics-node");
const { host, writeKey, fault, tell, run } = require("./tell.cjs");

run(async () => {
  const client = new Analytics({ host, writeKey });
  client.on("error", (error) => fault(error.reason ?? error.code));
  const told = tell(client);
  await client.closeAndFlush();
  await told;
});
