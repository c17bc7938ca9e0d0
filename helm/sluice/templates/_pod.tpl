{{/* The pod of both kinds of workload. */}}
{{- define "sluice.pod" -}}
metadata:
  labels:
    {{- include "sluice.selectorLabels" . | nindent 4 }}
    {{- with .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    {{- if eq .Values.configReload "restart" }}
    checksum/config: {{ include "sluice.config" . | sha256sum }}
    {{- else }}
    checksum/config: {{ include "sluice.restartConfig" . | sha256sum }}
    {{- end }}
    checksum/secrets: {{ list .Values.admin.token .Values.store.postgres.url .Values.counters.redis.url .Values.providerKeys.values | toJson | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "sluice.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "sluice.graceSeconds" . }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- with .Values.initContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - {{ include "sluice.container" . | nindent 6 | trim }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "sluice.volumes" . | nindent 4 }}
  {{- include "sluice.placement" . | nindent 2 }}
{{- end -}}

{{- define "sluice.container" -}}
name: sluice
image: {{ include "sluice.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [serve, --config, /etc/sluice/sluice.yaml]
ports:
  - { name: gateway, containerPort: {{ .Values.ports.gateway }}, protocol: TCP }
  - { name: admin, containerPort: {{ .Values.ports.admin }}, protocol: TCP }
env:
  {{- include "sluice.env" . | nindent 2 }}
{{- if or .Values.providerKeys.values .Values.providerKeys.existingSecrets .Values.extraEnvFrom }}
envFrom:
  {{- if .Values.providerKeys.values }}
  - secretRef: { name: {{ include "sluice.fullname" . }}-provider-keys }
  {{- end }}
  {{- range .Values.providerKeys.existingSecrets }}
  - secretRef: { name: {{ . }} }
  {{- end }}
  {{- with .Values.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if and (include "sluice.hasPreStopSleep" .) (gt (int .Values.drain.preStopSeconds) 0) }}
lifecycle:
  preStop:
    # Load balancers learn meanwhile that the pod goes; no shell is needed for it.
    sleep: { seconds: {{ .Values.drain.preStopSeconds }} }
{{- end }}
startupProbe:
  httpGet: { path: /livez, port: admin }
  {{- toYaml .Values.probes.startup | nindent 2 }}
livenessProbe:
  httpGet: { path: /livez, port: admin }
  {{- toYaml .Values.probes.liveness | nindent 2 }}
readinessProbe:
  httpGet: { path: /readyz, port: admin }
  {{- toYaml .Values.probes.readiness | nindent 2 }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
volumeMounts:
  {{- if eq .Values.configReload "live" }}
  # The folder, not the file: a mount of a single file is never updated.
  - { name: config, mountPath: /etc/sluice, readOnly: true }
  {{- else }}
  # The file, not the folder: it is never updated, so that pods that run do not take over what the next ones are to try.
  - { name: config, mountPath: /etc/sluice/sluice.yaml, subPath: sluice.yaml, readOnly: true }
  {{- end }}
  - { name: data, mountPath: /app/data }
  - { name: tmp, mountPath: /tmp }
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "sluice.env" -}}
{{- $own := include "sluice.fullname" . -}}
{{- $admin := .Values.admin.existingSecret -}}
- name: SLUICE_ADMIN_TOKEN
  valueFrom:
    secretKeyRef: { name: {{ default $own $admin.name }}, key: {{ ternary $admin.key "admin-token" (ne $admin.name "") }} }
{{- if eq .Values.store.type "postgres" }}
{{- $store := .Values.store.postgres.existingSecret }}
- name: SLUICE_STORE_URL
  valueFrom:
    secretKeyRef: { name: {{ default $own $store.name }}, key: {{ ternary $store.key "store-url" (ne $store.name "") }} }
{{- end }}
{{- if eq .Values.counters.type "redis" }}
{{- $counters := .Values.counters.redis.existingSecret }}
- name: SLUICE_COUNTERS_URL
  valueFrom:
    secretKeyRef: { name: {{ default $own $counters.name }}, key: {{ ternary $counters.key "counters-url" (ne $counters.name "") }} }
{{- end }}
{{- $workers := include "sluice.workers" . | int }}
{{- if gt $workers 1 }}
# The workers and the process over them share the memory of the container.
- name: NODE_OPTIONS
  value: --max-old-space-size-percentage={{ max 5 (div 75 (add1 $workers)) }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* How many; of `auto` at most. 0: nobody can tell. */}}
{{- define "sluice.workers" -}}
{{- $workers := dig "gateway" "workers" 1 .Values.config | toString -}}
{{- $cpu := dig "limits" "cpu" "" .Values.resources | toString -}}
{{- if ne $workers "auto" -}}
{{- atoi $workers -}}
{{- else if hasSuffix "m" $cpu -}}
{{- divf (trimSuffix "m" $cpu | float64) 1000.0 | ceil | int -}}
{{- else -}}
{{- default "0" $cpu | float64 | ceil | int -}}
{{- end -}}
{{- end -}}

{{- define "sluice.volumes" -}}
- name: config
  configMap: { name: {{ include "sluice.fullname" . }}-config }
- name: tmp
  emptyDir: { sizeLimit: {{ .Values.tmp.sizeLimit }} }
{{- if not (include "sluice.isStateful" .) }}
{{- /* Entries that wait for a store that is away. It outlives a container, not the pod. */}}
- name: data
  {{- if .Values.spool.volume }}
  {{- toYaml .Values.spool.volume | nindent 2 }}
  {{- else }}
  emptyDir: { sizeLimit: {{ .Values.spool.sizeLimit }} }
  {{- end }}
{{- else if include "sluice.keepsSpool" . }}
{{- /* Each replica's claim. */}}
{{- else if not .Values.persistence.enabled }}
- name: data
  emptyDir: { sizeLimit: {{ .Values.persistence.size }} }
{{- else if .Values.persistence.existingClaim }}
- name: data
  persistentVolumeClaim: { claimName: {{ .Values.persistence.existingClaim }} }
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sluice.placement" -}}
{{- if .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .Values.topologySpreadConstraints | nindent 2 }}
{{- else if and .Values.topologySpread.enabled (eq .Values.store.type "postgres") }}
topologySpreadConstraints:
  {{- range .Values.topologySpread.topologyKeys }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "sluice.selectorLabels" $ | nindent 8 }}
    {{- if not (include "sluice.isStateful" $) }}
    # Pods of the revision that goes do not count, else the new ones would be spread around them.
    matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
