{{/* Values that are well each for itself, and could not work together: better refused here than by the cluster, half installed. */}}
{{- define "sluice.refuse" -}}
{{- $ports := .Values.ports -}}
{{- if eq (int $ports.gateway) (int $ports.admin) -}}
{{- fail "ports: gateway and admin are the same; apps and operators need a port each" -}}
{{- end -}}
{{- if and .Values.service.nodePort (eq .Values.service.type "ClusterIP") -}}
{{- fail "service.nodePort: a service of type ClusterIP has none; set service.type to NodePort or LoadBalancer" -}}
{{- end -}}
{{- if and .Values.service.externalTrafficPolicy (eq .Values.service.type "ClusterIP") -}}
{{- fail "service.externalTrafficPolicy: a service of type ClusterIP has none; set service.type to NodePort or LoadBalancer" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts: is empty; name a host, e.g. [{ host: llm.example.com }]" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs: is empty; name the Gateway that it hangs on, e.g. [{ name: public, namespace: gateways }]" -}}
{{- end -}}
{{- include "sluice.refuseLabels" (dict "at" "commonLabels" "labels" .Values.commonLabels) -}}
{{- include "sluice.refuseLabels" (dict "at" "podLabels" "labels" .Values.podLabels) -}}
{{- include "sluice.refuseScaling" . -}}
{{- include "sluice.refuseBlindness" . -}}
{{- include "sluice.refuseVolumes" . -}}
{{- end -}}

{{- define "sluice.refuseLabels" -}}
{{- $at := .at -}}
{{- range $name, $_ := .labels -}}
{{- if has $name (list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" "app.kubernetes.io/managed-by" "app.kubernetes.io/version" "app.kubernetes.io/part-of" "helm.sh/chart") -}}
{{- fail (printf "%s: the chart sets %s itself, and finds its pods by such labels; take it out, or set nameOverride" $at $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sluice.refuseScaling" -}}
{{- $rolling := .Values.deploymentStrategy.rollingUpdate -}}
{{- if and (has (toString $rolling.maxUnavailable) (list "0" "0%")) (has (toString $rolling.maxSurge) (list "0" "0%")) -}}
{{- fail "deploymentStrategy.rollingUpdate: neither may a pod be missing nor one be added, so none could be replaced; raise maxSurge" -}}
{{- end -}}
{{- $scaling := .Values.autoscaling -}}
{{- if and $scaling.enabled (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- fail (printf "autoscaling: minReplicas (%d) is above maxReplicas (%d)" (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- if and $scaling.enabled $scaling.cpu (not (dig "requests" "cpu" "" .Values.resources)) -}}
{{- fail "autoscaling.cpu: is a share of resources.requests.cpu, which is not set; set it, or cpu to 0" -}}
{{- end -}}
{{- $isAuto := eq (dig "gateway" "workers" 1 .Values.config | toString) "auto" -}}
{{- $hasOptions := false -}}
{{- range .Values.extraEnv -}}
{{- if eq .name "NODE_OPTIONS" -}}{{- $hasOptions = true -}}{{- end -}}
{{- end -}}
{{- if and $isAuto (not $hasOptions) (not (dig "limits" "cpu" "" .Values.resources)) -}}
{{- fail "config.gateway.workers: auto is one for each core of whatever node it is, so that no share of the memory can be told; set resources.limits.cpu, a number of workers, or NODE_OPTIONS in extraEnv" -}}
{{- end -}}
{{- end -}}

{{- define "sluice.refuseBlindness" -}}
{{- $policy := .Values.networkPolicy -}}
{{- if and $policy.enabled .Values.serviceMonitor.enabled (not $policy.adminFrom) (not $policy.extraIngress) -}}
{{- fail "networkPolicy.adminFrom: is empty, so that Prometheus could not scrape the gateway; name its namespace, or turn serviceMonitor off" -}}
{{- end -}}
{{- end -}}

{{- define "sluice.refuseVolumes" -}}
{{- $spool := .Values.spool -}}
{{- if include "sluice.keepsSpool" . -}}
{{- if .Values.persistence.existingClaim -}}
{{- fail "persistence.existingClaim: with spool.persistent each replica has a claim of its own; take it out" -}}
{{- end -}}
{{- if $spool.volume -}}
{{- fail "spool.volume: with spool.persistent the spool is on a claim; take one of the two out" -}}
{{- end -}}
{{- end -}}
{{- end -}}
