// The server's addresses, relative to the page's: the secret is carried along.

async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("The server does not answer. Is it still running?");
  }
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  if (!answer.ok) {
    const error = new Error(told.error || `the server answered ${answer.status}`);
    error.status = answer.status;
    throw error;
  }
  return told;
}

const part = encodeURIComponent;

export const api = {
  spec: () => ask("GET", "spec"),
  worlds: () => ask("GET", "worlds"),
  world: (id) => ask("GET", `worlds/${part(id)}`),
  create: (body) => ask("POST", "worlds", body),
  change: (id, body) => ask("PUT", `worlds/${part(id)}`, body),
  remove: (id) => ask("DELETE", `worlds/${part(id)}`),
  draft: (id, chain, revision) => ask("PUT", `worlds/${part(id)}/draft`, { chain, revision }),
  discard: (id, revision) => ask("DELETE", `worlds/${part(id)}/draft`, { revision }),
  adopt: (id, revision) => ask("POST", `worlds/${part(id)}/adopt`, { revision }),
  status: (id, draft) => ask("GET", `worlds/${part(id)}/status?draft=${draft}`),
  release: (id, plugin) => ask("POST", `worlds/${part(id)}/release/${part(plugin)}`, {}),
  search: (query) => ask("GET", `plugins?query=${part(query)}`),
  plugin: (name, version) => ask("GET", `plugins/${part(name)}/${part(version)}`),
  withdraw: (name, version, revoke, reason) =>
    ask("POST", `plugins/${part(name)}/${part(version)}/withdraw`, { revoke, reason }),
  analyse: (files) => ask("POST", "analysis", { files }),
  upload: (files) => ask("POST", "uploads", { files }),
  uploads: () => ask("GET", "uploads"),
  decide: (id, publish) => ask("POST", `uploads/${part(id)}/decision`, { publish }),
  tiles: (id, draft, key) => `worlds/${part(id)}/${draft ? "draft" : "tiles"}/{z}/{x}/{y}.png?k=${part(key)}`,
};
