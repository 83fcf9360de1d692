/**
 * Docker 20.10 now and then counts an endpoint of a container that is gone: no container is attached to its network, and it cannot be
 * removed before the engine is started anew (moby/moby#43286: one `down` of 30 to 50). No test can help that.
 * @param docker runs the command line of the engine in question
 * @returns what the deed said, or nothing where that is all that went wrong
 */
export async function unlessStuck(
  deed: Promise<string>,
  project: string,
  docker: (...args: readonly string[]) => Promise<string>,
): Promise<string> {
  try {
    return await deed;
  } catch (error) {
    if (!/has active endpoints/.test(String(error))) throw error;
    const stuck = await docker('network', 'ls', '-q', '--filter', `label=com.docker.compose.project=${project}`);
    const attached = await docker('network', 'inspect', '--format', '{{len .Containers}}', ...stuck.split('\n'));
    if (attached.split('\n').some(count => count !== '0')) throw error;
    return '';
  }
}
