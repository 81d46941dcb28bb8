// The command that serves both simulators.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

test('one line says where both are, and a signal ends them', async () => {
  const child = spawn(process.execPath, ['dist/simulator/main.js', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url, experiencePlatformUrl } = JSON.parse(String(line)) as Record<string, string>;
    expect((await fetch(`${url}/user_account`)).status).toBe(401);
    expect((await fetch(`${experiencePlatformUrl}/data/foundation/catalog/batches`)).status).toBe(403);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
