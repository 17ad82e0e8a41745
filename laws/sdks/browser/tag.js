// A tag as Jitsu's pages have it, with what was asked for before it is there.
"use strict";

window.tell = ({ host, writeKey, consent, who }) => {
  const script = document.createElement("script");
  script.async = true;
  script.dataset.writeKey = writeKey;
  script.dataset.initOnly = "true";
  script.dataset.consent = JSON.stringify(consent);
  script.src = `${host}/p.js`;
  return new Promise((resolve) => {
    window.jitsuQ = [(jitsu) => window.story(jitsu, who).then(() => resolve(jitsu.user().anonymousId()))];
    document.head.append(script);
  });
};
