// A queue as snippets make it: what is called before the script is there waits in an array.
"use strict";

window.tell = ({ host, writeKey, consent, who }) => {
  const queue = (window.analytics = []);
  queue.methods = ["page", "track", "identify", "group", "alias", "reset", "ready", "user", "debug"];
  for (const method of queue.methods) queue[method] = (...words) => queue.push([method, ...words]);
  queue._writeKey = writeKey;
  queue._cdn = host;
  queue._loadOptions = { consent };
  window.story(queue, who);
  return new Promise((resolve) => {
    queue.ready(() => resolve(window.analytics.user().anonymousId()));
    const script = document.createElement("script");
    script.async = true;
    script.src = `${host}/analytics.js/v1/${writeKey}/analytics.min.js`;
    document.head.append(script);
  });
};
