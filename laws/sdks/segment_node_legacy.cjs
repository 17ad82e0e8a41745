// analytics-node, which @segment/analytics-node replaced.
"use strict";

const Analytics = require("analytics-node");
const { host, writeKey, fault, tell, run } = require("./tell.cjs");

run(async () => {
  const client = new Analytics(writeKey, { host, errorHandler: fault });
  const told = tell(client);
  await client.flush();
  await told;
});
