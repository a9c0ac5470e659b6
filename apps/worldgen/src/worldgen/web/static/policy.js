// Leaflet parses one string as HTML when it is loaded: an empty drawing, to find out whether there is
// SVG. Nothing else is ever parsed; everything that is shown is set as text.
"use strict";
if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", {
    createHTML: (text) => (text === "<svg/>" ? text : null),
  });
}
