// The API as an express app: what every request passes, then the routes of /v5, then storage.
import express, { type Express, type RequestHandler, type Router } from 'express';
import type { Context } from './context.js';
import { authenticate, needScopes } from './endpoints/access.js';
import { getAccount, getUser, listAccounts } from './endpoints/accounts.js';
import { getAnalytics } from './endpoints/analytics.js';
import { listObjects } from './endpoints/catalogue.js';
import { decide, showConsent } from './endpoints/consent.js';
import { downloadReport } from './endpoints/download.js';
import { postToken } from './endpoints/oauth.js';
import { getReport, postReport } from './endpoints/reports.js';
import { getDeliveryMetrics, getMetricsReadyState } from './endpoints/resources.js';
import { getTargetingAnalytics } from './endpoints/targeting.js';
import { createReportStore, type ReportStore } from './reports.js';
import { injectFaults } from './wire/inject-faults.js';
import { enforceQuota } from './wire/quota.js';
import { answerRefusals, notFound } from './wire/refusal.js';
import { keepLog, routeOf } from './wire/request-log.js';

const OBJECT_TYPES = ['campaigns', 'ad_groups', 'ads'] as const;

const delay =
  ({ settings }: Context): RequestHandler =>
  (_request, _response, next) => {
    if (settings.latencyMs > 0) setTimeout(next, settings.latencyMs);
    else next();
  };

const apiRoutes = (context: Context, reports: ReportStore): Router => {
  const routes = express.Router();
  routes.post('/oauth/token', postToken(context));
  routes.use(authenticate(context));
  routes.get('/user_account', needScopes(context, 'user_accounts:read'), getUser);
  routes.get(
    '/resources/delivery_metrics',
    needScopes(context, 'ads:read', 'pins:read', 'user_accounts:read'),
    getDeliveryMetrics,
  );
  routes.use(needScopes(context, 'ads:read'));
  routes.get('/resources/metrics_ready_state', getMetricsReadyState(context));
  routes.get('/ad_accounts', listAccounts(context));
  const account = '/ad_accounts/:adAccountId';
  routes.get(account, getAccount(context));
  routes.get(`${account}/analytics`, getAnalytics(context, 'ad_accounts'));
  routes.get(`${account}/targeting_analytics`, getTargetingAnalytics(context, 'ad_accounts'));
  for (const objectType of OBJECT_TYPES) {
    routes.get(`${account}/${objectType}`, listObjects(context, objectType));
    routes.get(`${account}/${objectType}/analytics`, getAnalytics(context, objectType));
    routes.get(`${account}/${objectType}/targeting_analytics`, getTargetingAnalytics(context, objectType));
  }
  routes.post(`${account}/reports`, postReport(context, reports));
  routes.get(`${account}/reports`, getReport(context, reports));
  return routes;
};

export const createApp = (context: Context): Express => {
  const { settings, tokens, log } = context;
  const reports = createReportStore(settings);
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(keepLog(log, routeOf), delay(context));
  app.use('/v5', enforceQuota(settings));
  app.use(express.json({ limit: '1mb' }), express.urlencoded());
  app.use(injectFaults(settings, tokens));
  if (settings.middleware.length > 0) app.use(settings.middleware);
  app.use('/v5', apiRoutes(context, reports));
  app.get('/oauth/', showConsent(context));
  app.post('/oauth/', decide(context));
  app.get('/storage/reports/:key.json', downloadReport(context, reports));
  app.use(() => {
    throw notFound('Path');
  });
  app.use(answerRefusals);
  return app;
};
