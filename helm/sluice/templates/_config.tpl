{{/* The configuration file: what `config` says, and what only the chart can know. */}}
{{- define "sluice.config" -}}
{{- include "sluice.refuseSecrets" (dict "path" "config" "name" "" "value" .Values.config) -}}
{{- $config := deepCopy .Values.config -}}
{{- if not $config.providers -}}
{{- $config = mergeOverwrite (.Files.Get "files/simulated.yaml" | fromYaml) $config -}}
{{- end -}}
{{- $gateway := $config.gateway | default dict -}}
{{- $timeouts := $gateway.timeouts | default dict -}}
{{- $drainTimes := dict "drain" (printf "%ss" (include "sluice.drainSeconds" .)) "drainDelay" (printf "%ss" (include "sluice.drainDelaySeconds" .)) -}}
{{- $_ := set $gateway "timeouts" (mergeOverwrite $timeouts $drainTimes) -}}
{{- $_ := set $config "gateway" (mergeOverwrite $gateway (dict "host" .Values.listenAddress "port" (int .Values.ports.gateway))) -}}
{{- $_ := set $config "admin" (dict "host" .Values.listenAddress "port" (int .Values.ports.admin) "token" "${SLUICE_ADMIN_TOKEN}") -}}
{{- $_ := set $config "store" (ternary "sqlite:/app/data/sluice.db" "${SLUICE_STORE_URL}" (eq .Values.store.type "sqlite")) -}}
{{- $_ := set $config "counters" (ternary "memory:" "${SLUICE_COUNTERS_URL}" (eq .Values.counters.type "memory")) -}}
{{- if not (dig "audit" "spool" "" $config) -}}
{{- $_ := set $config "audit" (merge (dict "spool" "/app/data/audit-spool") ($config.audit | default dict)) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* What a running gateway cannot take over: the settings that its configuration reference marks with "needs a restart". */}}
{{- define "sluice.restartConfig" -}}
{{- $config := include "sluice.config" . | fromYaml -}}
{{- $fixed := pick $config "store" "counters" "spool" -}}
{{- $_ := set $fixed "gateway" (pick $config.gateway "host" "port" "workers") -}}
{{- $_ := set $fixed "admin" (pick $config.admin "host" "port") -}}
{{- $_ := set $fixed "audit" (pick $config.audit "spool" "checkpoints" "checkpointEvery") -}}
{{- $_ := set $fixed "record" (omit ($config.record | default dict) "content" "contentBytes") -}}
{{- if hasKey $config "telemetry" -}}
{{- $telemetry := $config.telemetry | default dict -}}
{{- $_ := set $fixed "telemetry" (omit $telemetry "traces") -}}
{{- $_ := set $fixed "traces" (omit ($telemetry.traces | default dict) "sample" "keepErrors" "trustIncoming") -}}
{{- end -}}
{{- toJson $fixed -}}
{{- end -}}

{{/*
Fails where a secret stands in the configuration itself, which is a ConfigMap: everybody who may read those could read it.
Takes `path`, `name` (of the innermost setting) and `value`.
*/}}
{{- define "sluice.refuseSecrets" -}}
{{- $path := .path -}}
{{- $name := .name -}}
{{- if kindIs "map" .value -}}
{{- range $key, $inner := .value -}}
{{- include "sluice.refuseSecrets" (dict "path" (printf "%s.%s" $path $key) "name" $key "value" $inner) -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range $index, $inner := .value -}}
{{- include "sluice.refuseSecrets" (dict "path" (printf "%s[%d]" $path $index) "name" $name "value" $inner) -}}
{{- end -}}
{{- else if kindIs "string" .value -}}
{{- include "sluice.refuseSecret" . -}}
{{- end -}}
{{- end -}}

{{- define "sluice.refuseSecret" -}}
{{- $fix := "write ${NAME} and give the variable by providerKeys or extraEnv" -}}
{{- $isSecret := has .name (list "apiKey" "apiKeys" "secret" "clientSecret" "accessKeyId" "secretAccessKey" "sessionToken") -}}
{{- $isSafe := regexMatch "^(|client|[$][{][A-Za-z_][A-Za-z0-9_]*(:-)?[}])$" .value -}}
{{- if and $isSecret (not $isSafe) -}}
{{- fail (printf "%s: a secret would stand in a ConfigMap; %s" .path $fix) -}}
{{- end -}}
{{- $isHeader := regexMatch "[.]headers[.][^.]*$" .path -}}
{{- $isTelling := regexMatch "(?i)auth|key|token|secret|cookie|password|credential" .name -}}
{{- if and $isHeader $isTelling (not (regexMatch "[$][{][A-Za-z_][A-Za-z0-9_]*(:-)?[}]" .value)) -}}
{{- fail (printf "%s: a secret would stand in a ConfigMap; %s" .path $fix) -}}
{{- end -}}
{{- $isTellingUrl := regexMatch "(?i)://.*[?&](key|api[-_]?key|access[-_]?token|token|sig|signature|secret|code)=[^$&]|://hooks[.]slack[.]com/services/T|://discord(app)?[.]com/api/webhooks/[0-9]" .value -}}
{{- /* A password may hold a dollar sign, and the default of a variable a password. */}}
{{- $literal := regexReplaceAll "[$][{][A-Za-z_][A-Za-z0-9_]*(:-)?[}]" .value "" -}}
{{- if or $isTellingUrl (regexMatch "://[^/@]*:[^/@]+@" $literal) (contains "\"private_key\"" .value) -}}
{{- fail (printf "%s: credentials would stand in a ConfigMap; %s" .path $fix) -}}
{{- end -}}
{{- end -}}
