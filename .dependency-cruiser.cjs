/**
 * Arrows point one way: workflows → activities (types only) → pinterest, store, quota → dataflow. Looks at the build,
 * where imports of types are gone: types may be shared, code may not.
 */
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^dist/${from}` },
  to: { path: '^dist/', pathNot: `^dist/${allowed}` },
});
module.exports = {
  forbidden: [
    only('core-is-pure', 'src/dataflow/', '(src/dataflow|openapi)/', 'The core imports nothing but itself.'),
    {
      name: 'core-without-io',
      severity: 'error',
      comment: 'The core has no I/O and no Temporal; zod and the edit distance are all it needs.',
      from: { path: '^dist/src/dataflow/' },
      to: { dependencyTypes: ['core', 'npm'], pathNot: '/(zod|fastest-levenshtein)/' },
    },
    only(
      'workflows-orchestrate',
      'src/workflows/',
      'src/(workflows|dataflow|quota/budget|quota/limits)',
      'Activities by type only.',
    ),
    {
      name: 'workflow-bundle-without-zod',
      severity: 'error',
      comment: 'zod in the workflow bundle costs memory in every isolate: specs are checked at the edges.',
      from: { path: '^dist/src/workflows/' },
      to: { path: '/zod/', reachable: true },
    },
    only(
      'contract-alone',
      'src/workflows/contract',
      'src/workflows/contract',
      'Whoever calls imports no workflow.',
    ),
    {
      name: 'workflows-by-contract',
      severity: 'error',
      comment: 'Others start, ask and steer workflows by what workflows/contract.ts says of them.',
      from: { path: '^dist/src/', pathNot: '^dist/src/workflows/' },
      to: { path: '^dist/src/workflows/', pathNot: '/contract' },
    },
    only('http-knows-nobody', 'src/http/', 'src/http/', 'Any remote may be asked through it.'),
    only('engine-knows-nobody', 'src/engine/', 'src/engine/', 'Loading, store, targets and report share it.'),
    only('pinterest-knows-no-store', 'src/pinterest/', 'src/(pinterest|http|dataflow|quota)/', ''),
    only('loading-knows-no-store', 'src/loading/', 'src/(loading|engine|dataflow)/', ''),
    only('store-knows-no-pinterest', 'src/store/', 'src/(store|engine|loading|dataflow)/', ''),
    only(
      'budget-is-replayed',
      'src/quota/budget/',
      'src/quota/(budget/|limits)',
      'The quota workflow replays it: it knows nothing of what a worker does with permits.',
    ),
    only(
      'permits-ask-the-budget',
      'src/quota/permits/',
      'src/(quota/(permits/|limits|budget/budget-state)|dataflow/failures)',
      'A worker knows how to ask the budget and what it answers, not how it decides.',
    ),
    only(
      'quota-knows-only-itself',
      'src/quota/',
      'src/(quota/|dataflow/failures)',
      'And what kinds of failure there are.',
    ),
    only(
      'activities-do-not-compose',
      'src/activities/',
      'src/(activities|pinterest|http|store|loading|quota|dataflow|credentials|targets)/',
      'Activities do not know who composed them.',
    ),
    only('observability-apart', 'src/observability/', 'src/(observability|http|dataflow)/', ''),
    {
      name: 'prometheus-in-one-place',
      severity: 'error',
      comment: 'Everything else is given something to count with.',
      from: { path: '^dist/', pathNot: '^dist/src/observability/' },
      to: { path: '/prom-client/' },
    },
    only('simulator-apart', 'simulator/', '(simulator|openapi)/', 'The simulator is another program.'),
    {
      name: 'src-without-dev-dependencies',
      severity: 'error',
      comment: "They are not in the worker's image.",
      from: { path: '^dist/(src|openapi)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    only('src-apart', 'src/', '(src|openapi)/', 'The product imports neither simulator nor tests.'),
  ],
  options: { doNotFollow: { path: 'node_modules' } },
};
