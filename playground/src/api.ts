/** Discord's REST API, as a member's client uses it. */

const BASE = "/api/v10";

/** The server refused a request; `message` is what a person should read. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface ErrorBody {
  code?: number;
  message?: string;
  errors?: unknown;
}

export class Api {
  constructor(private readonly token: string) {}

  get<T>(path: string): Promise<T> {
    return this.send<T>("GET", path);
  }

  post<T>(path: string, body: unknown = undefined): Promise<T> {
    return this.send<T>("POST", path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>("PATCH", path, body);
  }

  put(path: string): Promise<unknown> {
    return this.send("PUT", path);
  }

  delete(path: string): Promise<unknown> {
    return this.send("DELETE", path);
  }

  /** Posts a body with files, which are described inside `holder`, a part of the body or the body itself. */
  async postFiles<T>(path: string, body: object, files: readonly File[], holder: object = body): Promise<T> {
    if (files.length === 0) return this.post<T>(path, body);
    Object.assign(holder, { attachments: files.map((file, index) => ({ id: String(index), filename: file.name })) });
    const form = new FormData();
    form.append("payload_json", JSON.stringify(body));
    files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
    return this.send<T>("POST", path, form);
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { Authorization: this.token };
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
    const init: RequestInit = { method, headers };
    if (body !== undefined) init.body = isForm ? body : JSON.stringify(body);
    let response: Response;
    try {
      response = await fetch(BASE + path, init);
    } catch {
      throw new Refused(0, 0, "The playground's server does not answer: look at the terminal that started it.");
    }
    const text = await response.text();
    if (response.ok) return (text ? JSON.parse(text) : undefined) as T;
    throw refusal(response.status, text);
  }
}

function refusal(status: number, text: string): Refused {
  let body: ErrorBody = {};
  try {
    body = JSON.parse(text) as ErrorBody;
  } catch {
    body = { message: text.slice(0, 200) };
  }
  const details = [...reasons(body.errors)];
  return new Refused(status, body.code ?? 0, details.join(" ") || body.message || `The server answered ${status}.`);
}

/** The sentences in Discord's nested description of what is wrong with a form. */
function* reasons(errors: unknown): Generator<string> {
  if (typeof errors !== "object" || errors === null) return;
  if ("_errors" in errors && Array.isArray(errors._errors)) {
    for (const each of errors._errors as { message?: string }[]) if (each.message) yield each.message;
  }
  for (const [key, value] of Object.entries(errors)) if (key !== "_errors") yield* reasons(value);
}
