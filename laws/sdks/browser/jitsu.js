// @jitsu/js, in a page that bundles it. It knows no alias.
import { jitsuAnalytics } from "@jitsu/js";

window.tell = async ({ host, writeKey, consent, who }) => {
  const analytics = jitsuAnalytics({ host, writeKey, privacy: { consentCategories: consent } });
  await window.story(analytics, who);
  return analytics.user().anonymousId;
};
