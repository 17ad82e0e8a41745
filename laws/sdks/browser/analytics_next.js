// @segment/analytics-next, in a page that bundles it.
import { AnalyticsBrowser } from "@segment/analytics-next";

window.tell = async ({ host, writeKey, consent, who }) => {
  const analytics = AnalyticsBrowser.load({ writeKey, cdnURL: host });
  await analytics.addSourceMiddleware(({ payload, next }) => {
    payload.obj.context.consent = { categoryPreferences: consent };
    next(payload);
  });
  const { anonymousId } = await window.story(analytics, who);
  return anonymousId ?? (await analytics.user()).anonymousId();
};
