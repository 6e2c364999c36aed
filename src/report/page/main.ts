/** What runs when the report is opened. */
import { AggregatePage } from './aggregate-page.js';
import { showDns } from './dns-page.js';
import { loadRun } from './load.js';
import { ReportPage } from './report-page.js';

const root = document.getElementById('report') ?? document.body;

loadRun()
  .then((run) => {
    if ('resolvers' in run) showDns(root, run);
    else if ('series' in run) new AggregatePage(root, run);
    else new ReportPage(root, run);
    root.dataset.isReady = 'true';
  })
  .catch((failure: unknown) => {
    root.textContent = `This report cannot be shown: ${failure}`;
    root.dataset.isReady = 'false';
    // For whoever looks into it.
    throw failure;
  });
