// What every visitor does: looks around unknown, signs in, buys.
"use strict";

window.story = async (analytics, who) => {
  await analytics.page(who.page);
  await analytics.track(who.event, who.properties);
  await analytics.identify(who.userId, who.traits);
  await analytics.track("Order Completed", who.properties);
  await analytics.group(who.groupId, who.group);
  if (analytics.alias) await analytics.alias(who.userId, who.earlierId);
  return {};
};
