// A tag as Jitsu's pages have it, with what was asked for before it is there.
"use strict";

window.tell = ({ host, writeKey, consent, who }) => {
  const script = document.createElement("script");
  script.async = true;
  script.dataset.writeKey = writeKey;
  script.dataset.initOnly = "true";
  script.dataset.consent = JSON.stringify(consent);
  script.src = `${host}/p.js`;
  const told = new Promise((resolve) => {
    window.jitsuQ = [resolve];
    document.head.append(script);
  });
  return told.then(async () => {
    await window.story(window.jitsu, who);
    return window.jitsu.user().anonymousId;
  });
};
