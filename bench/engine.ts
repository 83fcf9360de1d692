import { request } from 'node:http';

/** The bench's own way to the engine, beside the one it measures: plain requests to the local socket, no library. */
export const ENGINE_SOCKET = (process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock').replace(/^unix:\/\//, '');

export function ask<T>(method: 'GET' | 'POST', path: string, body?: object, socketPath = ENGINE_SOCKET): Promise<T> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ socketPath, method, path, headers }, answer => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        else resolve((text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined) as T);
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Runs a command in a container and does not wait for its end. */
export async function exec(containerId: string, command: readonly string[]): Promise<void> {
  const { Id } = await ask<{ Id: string }>('POST', `/containers/${containerId}/exec`, { Cmd: command });
  await ask('POST', `/exec/${Id}/start`, { Detach: true });
}

/** PID 1 of the container as this machine sees it. */
export async function pidOf(containerId: string): Promise<number> {
  const { State } = await ask<{ State: { Pid: number } }>('GET', `/containers/${containerId}/json`);
  return State.Pid;
}
