import { hash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 42rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; margin: 0; letter-spacing: -0.01em; }
p { margin: 0.25rem 0 2rem; opacity: 0.7; }
ul { list-style: none; padding: 0; border-top: 1px solid #8885; }
li { display: flex; gap: 1rem; padding: 0.6rem 0; border-bottom: 1px solid #8885; }
li > :first-child { flex: 0 0 11rem; font-family: ui-monospace, monospace; font-size: 0.9rem; }
a { color: light-dark(#0b57d0, #8ab4f8); }
`;

const LINKS: readonly (readonly [path: string, what: string])[] = [
  ['/livez', 'The process answers'],
  ['/readyz', 'Ready for traffic, or why not'],
  ['/metrics', 'Metrics for Prometheus'],
  ['/openapi.json', 'The control plane described'],
  ['/api/v1/rollouts', 'Rollouts in force'],
  ['/api/v1/keys', 'Keys, without their secrets'],
  ['/api/v1/requests', 'The latest requests'],
  ['/api/v1/config', 'The configuration, secrets hidden'],
  ['/api/v1/events', 'Events as they happen'],
];

/** Static, without assets or scripts. Where a token is configured the API's links need it, which a browser cannot send. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice</title>
<style>${STYLE}</style>
<h1>Sluice</h1>
<p>Control plane</p>
<ul>
${LINKS.map(([path, what]) => `<li><a href="${path}">${path}</a><span>${what}</span></li>`).join('\n')}
</ul>
</html>
`;

export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
