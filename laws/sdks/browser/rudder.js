// @rudderstack/analytics-js, in a page that bundles it. Its other build loads parts of itself from
// its vendor's host.
import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";

window.tell = async ({ host, writeKey, consent, who }) => {
  const analytics = new RudderAnalytics();
  const ids = (allowed) => Object.keys(consent).filter((id) => consent[id] === allowed);
  await new Promise((onLoaded) => {
    analytics.load(writeKey, host, {
      configUrl: host,
      consentManagement: {
        enabled: true,
        provider: "custom",
        allowedConsentIds: ids(true),
        deniedConsentIds: ids(false),
      },
      onLoaded,
    });
  });
  await window.story(analytics, who);
  return analytics.getAnonymousId();
};
