"use strict";

// Nothing leaves this host: no validator badge, no remote definitions.
const place = document.getElementById("documentation");
SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  supportedSubmitMethods: ["get"],
});
