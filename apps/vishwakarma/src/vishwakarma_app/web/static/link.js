// The connection: questions and answers over one WebSocket, files over HTTP.

/** Speaks with the application. `on` names what to call with news: state, activity, frame, … */
export class Link {
  #socket = null;
  #waiting = new Map();
  #next = 1;
  #page = "";
  #listeners;

  constructor(listeners) {
    this.#listeners = listeners;
  }

  /** Connect; what the application offers. */
  connect() {
    const address = new URL("socket/", document.baseURI);
    address.protocol = "ws:";
    const socket = (this.#socket = new WebSocket(address));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => this.#take(event.data));
    socket.addEventListener("close", (event) => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the connection has ended"));
      this.#waiting.clear();
      this.#listeners.ended(event.reason);
    });
  }

  #take(data) {
    if (data instanceof ArrayBuffer) {
      this.#listeners.frame(data);
      return;
    }
    const message = JSON.parse(data);
    if ("answer" in message) {
      const waiting = this.#waiting.get(message.answer);
      this.#waiting.delete(message.answer);
      if (!waiting) return;
      if ("error" in message) waiting.reject(Object.assign(new Error(message.error), message));
      else waiting.resolve(message.value);
      return;
    }
    for (const [what, value] of Object.entries(message)) {
      if (what === "hello") this.#page = value.page;
      this.#listeners[what]?.(value);
    }
  }

  /** Ask for something; its answer, or an Error with the application's words. */
  ask(what, given = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Error("there is no connection to the application"));
    }
    const number = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...given, number, do: what }));
    });
  }

  #address(path, query = {}) {
    const address = new URL(path, document.baseURI);
    address.search = new URLSearchParams({ ...query, page: this.#page });
    return address;
  }

  /** Send a file; the token to ask for things with. */
  async send(file) {
    const answer = await fetch(this.#address("files/", { name: file.name }), { method: "POST", body: file });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    return said.file;
  }

  /** Let the browser save a file that the application has made. */
  fetch(token, name) {
    const link = document.createElement("a");
    link.href = this.#address(`files/${token}`);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
  }
}
