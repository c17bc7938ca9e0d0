import type { RouteConfig } from '../core/config.ts';
import { compileGlob } from '../core/glob.ts';

/** Finds the route of a model name: exact names first, then globs, longest first (the order of the configuration). */
export class RouteTable {
  private readonly exact = new Map<string, RouteConfig>();
  private readonly globs: { readonly route: RouteConfig; readonly matches: (name: string) => boolean }[] = [];

  constructor(routes: readonly RouteConfig[]) {
    for (const route of routes) {
      if (route.isGlob) this.globs.push({ route, matches: compileGlob(route.name) });
      else this.exact.set(route.name, route);
    }
  }

  match(model: string): RouteConfig | null {
    const exact = this.exact.get(model);
    if (exact !== undefined) return exact;
    // Look-alike letters must not slip past a glob that names a family of models.
    if (!isPrintableAscii(model)) return null;
    for (const { route, matches } of this.globs) if (matches(model)) return route;
    return null;
  }

  /** The names that apps can ask for as they stand. */
  named(): Iterable<RouteConfig> {
    return this.exact.values();
  }
}

function isPrintableAscii(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x21 || code > 0x7e) return false;
  }
  return name.length > 0;
}
