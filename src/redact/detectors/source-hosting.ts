import type { Detector } from '../detector.ts';
import { BASE62, sample } from './sample.ts';
import { tokenDetector } from './token.ts';

export const SOURCE_HOSTING: readonly Detector[] = [
  tokenDetector({
    id: 'secret.github_pat',
    description: 'GitHub token (classic, OAuth, app, refresh)',
    source: 'https://github.blog/engineering/behind-githubs-new-authentication-token-formats/',
    prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    chars: 'A-Za-z0-9_.-',
    // Installation tokens may be an app's number and a JWT.
    body: '(?:[0-9]{1,12}_eyJ[A-Za-z0-9_-]{8,400}\\.[A-Za-z0-9_-]{8,800}\\.[A-Za-z0-9_-]{20,700}|[A-Za-z0-9]{36,251})',
    longest: 1920,
    examples: [
      ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => prefix + sample(BASE62, 36)),
      'ghs_12345_eyJ' + sample(BASE62, 33) + '.' + sample(BASE62, 99) + '.' + sample(BASE62, 43),
    ],
    nearMisses: ['ghp_' + sample(BASE62, 20), 'xghp_' + sample(BASE62, 36), 'ghp_token_from_the_environment'],
  }),
  tokenDetector({
    id: 'secret.github_fine_grained_pat',
    description: 'GitHub fine-grained personal access token',
    source:
      'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github',
    prefixes: ['github_pat_'],
    chars: 'A-Za-z0-9_',
    body: '[A-Za-z0-9]{22}_[A-Za-z0-9]{59}',
    longest: 82,
    examples: ['github_pat_' + sample(BASE62, 22) + '_' + sample(BASE62, 59)],
    nearMisses: ['github_pat_rotation_schedule', 'github_pat_' + sample(BASE62, 22)],
  }),
  tokenDetector({
    id: 'secret.gitlab_token',
    description: 'GitLab token (personal, deploy, runner, trigger, feed, agent, OAuth, SCIM)',
    source: 'https://docs.gitlab.com/security/tokens/#token-prefixes',
    prefixes: [
      'glpat-',
      'gldt-',
      'glrt-',
      'glptt-',
      'glft-',
      'glagent-',
      'gloas-',
      'glsoat-',
      'glcbt-',
      'glimt-',
      'glffct-',
    ],
    chars: 'A-Za-z0-9_.-',
    body: '[A-Za-z0-9_-]{20,300}(?:\\.[0-9a-z]{2}\\.[0-9a-z]{7,9})?',
    longest: 315,
    boundary: 'A-Za-z0-9_-',
    accepts: (body) => /[0-9A-Z]/.test(body),
    examples: ['glpat-' + sample(BASE62 + '_-', 19) + '9', 'gldt-' + sample(BASE62, 20), 'glrt-' + sample(BASE62, 26)],
    nearMisses: ['glpat-' + sample(BASE62, 10), 'myglpat-' + sample(BASE62, 20)],
  }),
  tokenDetector({
    id: 'secret.bitbucket_token',
    description: 'Atlassian or Bitbucket API token',
    source: 'https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/',
    prefixes: ['ATATT3xFfGF0', 'ATCTT3xFfGN0', 'ATBB'],
    chars: 'A-Za-z0-9_=-',
    body: '[A-Za-z0-9_=-]{28,400}',
    longest: 400,
    accepts: (body) => /[0-9]/.test(body) && /[a-z]/.test(body),
    examples: ['ATATT3xFfGF0' + sample(BASE62 + '_-', 170) + '=AB12CD34', 'ATBB' + sample(BASE62, 32)],
    nearMisses: ['ATBB' + sample(BASE62, 8), 'ATATT3xFfGF0 is the prefix'],
  }),
];
