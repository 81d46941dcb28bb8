// The platform as an express app: what every request passes, then IMS, the services, and the simulator's own pages.
import express, { type Express, type RequestHandler, type Router } from 'express';
import { keepLog } from '../wire/request-log.js';
import { checkHeaders, needPermission } from './access/headers.js';
import { postToken } from './access/ims.js';
import { getBatch, listBatches } from './catalog/batches.js';
import { deleteDataset, getDataset, listDatasets, postDataset } from './catalog/datasets.js';
import { getBatchFiles, getFailed, getFile, getMeta } from './export/files.js';
import { postAction } from './import/actions.js';
import { postBatch } from './import/create-batch.js';
import { patchFile, postFile, putFile } from './import/files.js';
import { lakeRoutes, type Lake } from './lake.js';
import type { Platform } from './platform.js';
import { registryRoutes } from './registry/endpoints.js';
import { injectFaults } from './wire/inject-faults.js';
import { jsonBody } from './wire/parameters.js';
import { answerRefusals, notFound } from './wire/refusal.js';
import { routeOf } from './wire/routes.js';

const delay =
  ({ settings }: Platform): RequestHandler =>
  (_request, _response, next) => {
    if (settings.latencyMs > 0) setTimeout(next, settings.latencyMs);
    else next();
  };

const foundation = (platform: Platform): Router => {
  const routes = express.Router();
  const datasets = needPermission(platform, 'View Datasets', 'Manage Datasets');
  routes.use(checkHeaders(platform));
  routes.use('/schemaregistry', needPermission(platform, 'View Schemas', 'Manage Schemas'));
  routes.use('/schemaregistry', registryRoutes(platform));
  routes.use(['/catalog', '/import', '/export'], datasets);
  routes.get('/catalog/dataSets', listDatasets(platform));
  routes.post('/catalog/dataSets', jsonBody, postDataset(platform));
  routes.get('/catalog/dataSets/:id', getDataset(platform));
  routes.delete('/catalog/dataSets/:id', deleteDataset(platform));
  routes.get('/catalog/batches', listBatches(platform));
  routes.get('/catalog/batches/:id', getBatch(platform));
  routes.post('/import/batches', jsonBody, postBatch(platform));
  routes.post('/import/batches/:id', postAction(platform));
  const file = '/import/batches/:batchId/datasets/:datasetId/files/*path';
  routes.put(file, putFile(platform));
  routes.patch(file, patchFile(platform));
  routes.post(file, postFile(platform));
  routes.get('/export/batches/:id/failed', getFailed(platform));
  routes.get('/export/batches/:id/meta', getMeta(platform));
  routes.get('/export/batches/:id/files', getBatchFiles(platform));
  routes.get('/export/files/:id', getFile(platform));
  return routes;
};

export const createApp = (platform: Platform, lake: Lake): Express => {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use('/simulator', lakeRoutes(platform, lake));
  app.use(keepLog(platform.log, routeOf), delay(platform), injectFaults(platform.faults, platform.tokens));
  app.post('/ims/token/v3', express.urlencoded(), postToken(platform));
  app.use('/data/foundation', foundation(platform));
  app.use((request) => {
    throw notFound(`There is nothing at ${request.method} ${request.path}`);
  });
  app.use(answerRefusals);
  return app;
};
