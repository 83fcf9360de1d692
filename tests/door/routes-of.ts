import type { Express } from 'express';

/** A layer of Express' router, as far as its routes are in it; a router that is mounted in another has a stack of its own. */
interface Layer {
  readonly route?: { readonly path: string; readonly stack: readonly { readonly method: string | undefined }[] };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

/** Every method and path that Express would answer. Throws for routers within routers: nobody would see under which path. */
export function routesOf(app: Express): [string, string][] {
  return (app.router.stack as unknown as readonly Layer[]).flatMap(({ route, handle }) => {
    if (handle?.stack !== undefined && route === undefined)
      throw new Error('a router is mounted in the app: teach routesOf to walk it, or its routes are not checked');
    return (route?.stack ?? []).flatMap(({ method }) =>
      method === undefined ? [] : [[method.toUpperCase(), `${route?.path}`] as [string, string]],
    );
  });
}
