{{- define "sluice.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* 52: leaves room for the longest suffix and for the hash of a StatefulSet's revision, which is a label. */}}
{{- define "sluice.fullname" -}}
{{- $name := include "sluice.name" . -}}
{{- $full := .Values.fullnameOverride -}}
{{- if not $full -}}
{{- $full = ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- end -}}
{{- $full | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "sluice.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: sluice
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ . | quote }}
{{- end }}
{{ include "sluice.releaseLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "sluice.releaseLabels" -}}
app.kubernetes.io/name: {{ include "sluice.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Of the pods that serve. The component keeps the test's pod out of every selector. */}}
{{- define "sluice.selectorLabels" -}}
{{ include "sluice.releaseLabels" . }}
app.kubernetes.io/component: gateway
{{- end -}}

{{- define "sluice.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sluice.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "sluice.image" -}}
{{- $name := printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- with .Values.image.digest }}{{ $name = printf "%s@%s" $name . }}{{ end -}}
{{- $name -}}
{{- end -}}

{{/* With a volume for each replica: of the SQLite file, or of a spool that outlives its pod. */}}
{{- define "sluice.isStateful" -}}
{{- if or (eq .Values.store.type "sqlite") (include "sluice.keepsSpool" .) }}yes{{ end -}}
{{- end -}}

{{- define "sluice.keepsSpool" -}}
{{- if and (eq .Values.store.type "postgres") .Values.spool.persistent }}yes{{ end -}}
{{- end -}}

{{- define "sluice.workloadKind" -}}
{{- ternary "StatefulSet" "Deployment" (eq (include "sluice.isStateful" .) "yes") -}}
{{- end -}}

{{/* The name of the scrape job: of its own for each release, and with `sluice` in it, which the alerts look for. */}}
{{- define "sluice.job" -}}
{{- $name := include "sluice.fullname" . -}}
{{- contains "sluice" $name | ternary $name (printf "sluice-%s" $name) -}}
{{- end -}}

{{- define "sluice.replicas" -}}
{{- default (ternary 1 2 (eq .Values.store.type "sqlite")) .Values.replicaCount -}}
{{- end -}}

{{/* The hook that sleeps came with 1.30; below it the gateway itself serves on, by `drainDelay`. */}}
{{- define "sluice.hasPreStopSleep" -}}
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version }}yes{{ end -}}
{{- end -}}
