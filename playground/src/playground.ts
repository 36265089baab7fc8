/** The playground's own addresses: what is tried out here, beside Discord's interface. */

export interface Session {
  version: string;
  guild_id: string;
  application_id: string;
  seats: { key: string; user_id: string; name: string; token: string }[];
  channels: { watched: string; unwatched: string; forum: string; report: string };
  try: string[];
}

export interface State {
  bot: "running" | "starting" | "stopped";
  /** What is going on that nothing else may disturb. */
  busy: string | null;
  knows: string;
  now: string;
  week: boolean;
  night: true | string;
  faq: { name: string; own: boolean; entries: number; phrasings: number };
}

export interface Hit {
  entry_id: string;
  title: string;
  phrasing: string;
  similarity: number;
  relevance: number;
  /** The terms of the relevance, and what each adds to it. */
  terms: Record<string, number>;
  adds: Record<string, number>;
}

/** The bot's own explanation; only the first fields are there for what is no question to it. */
export interface Why {
  text: string;
  verdict: string;
  why: string;
  overheard: boolean;
  hits: Hit[];
  action?: string;
  sentences?: string[];
  probability?: number | null;
  limit_answer?: number | null;
  limit_suggest?: number | null;
  margin?: number | null;
}

export interface Problem {
  path: string;
  /** 0 stands for the whole file. */
  line: number;
  message: string;
}

export interface Loaded {
  entries: number;
  phrasings: number;
  files: string[];
  notes?: { path: string; message: string }[];
}

/** The server said no; `problems` names the places in the files. */
export class NotDone extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
  }
}

export class Playground {
  session(): Promise<Session> {
    return call("GET", "session");
  }

  state(): Promise<State> {
    return call("GET", "state");
  }

  /** What the bot decided about a message and why; null when it decided nothing about it. */
  why(channelId: string, messageId: string): Promise<Why | null> {
    return call<Why | null>("GET", `why?channel_id=${channelId}&message_id=${messageId}`);
  }

  week(): Promise<{ messages: number; questions: number; people: number }> {
    return call("POST", "week");
  }

  night(): Promise<{ now: string; report: { channel_id: string; message_id: string } | null; why: string }> {
    return call("POST", "night");
  }

  loadFaq(files: readonly File[]): Promise<Loaded> {
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    return call("POST", "faq", form);
  }

  restoreFaq(): Promise<unknown> {
    return call("DELETE", "faq");
  }

  setBot(running: boolean): Promise<State> {
    return call("POST", "bot", JSON.stringify({ running }));
  }
}

async function call<T>(method: string, path: string, body?: FormData | string): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) init.body = body;
  if (typeof body === "string") init.headers = { "Content-Type": "application/json" };
  let response: Response;
  try {
    response = await fetch(`/playground/${path}`, init);
  } catch {
    throw new NotDone(0, "The playground's server does not answer: look at the terminal that started it.");
  }
  const text = await response.text();
  let answer: unknown = null;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = null;
  }
  if (response.ok) return answer as T; // null for an answer without a body
  const { error, problems } = (answer ?? {}) as { error?: string; problems?: Problem[] };
  throw new NotDone(response.status, error ?? `The playground's server answered ${response.status}.`, problems);
}
