// @rudderstack/rudder-sdk-node.
"use strict";

const Analytics = require("@rudderstack/rudder-sdk-node");
const { host, writeKey, fault, tell, run } = require("./tell.cjs");

run(async () => {
  const client = new Analytics(writeKey, { dataPlaneUrl: host, errorHandler: fault });
  const told = tell(client);
  await client.flush();
  await told;
});
