{{- define "shardmill.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "shardmill.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "shardmill.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "shardmill.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "shardmill.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "shardmill.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Of a dictionary with root and image. */}}
{{- define "shardmill.image" -}}
{{- $tag := default .root.Chart.AppVersion .image.tag -}}
{{- if .image.digest -}}
{{- printf "%s:%s@%s" .image.repository $tag .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository $tag -}}
{{- end -}}
{{- end -}}

{{/* The configuration file; fails where what every process needs is missing. */}}
{{- define "shardmill.config" -}}
{{- $_ := required "config.state.uri must be set: where the log of all runs is kept, s3://BUCKET/PREFIX" .Values.config.state.uri -}}
{{- $secretUrl := and .Values.redis.existingSecret .Values.redis.keys.url -}}
{{- if not (or $secretUrl .Values.config.redis.url .Values.config.redis.cluster .Values.config.redis.sentinel) -}}
{{- fail "Redis must be configured: config.redis.url (or cluster, or sentinel), or redis.existingSecret with redis.keys.url" -}}
{{- end -}}
{{- toYaml .Values.config -}}
{{- end -}}

{{- define "shardmill.env" -}}
- name: SHARDMILL_CONFIG
  value: /etc/shardmill/shardmill.config.yaml
- name: SHARDMILL_STATUS_HOST
  value: {{ .Values.status.host | quote }}
{{- with .Values.status.tokenSecret }}
{{- if .name }}
- name: SHARDMILL_STATUS_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- if .Values.status.tlsSecret }}
- name: SHARDMILL_STATUS_TLS_CERT
  value: /etc/shardmill-tls/tls.crt
- name: SHARDMILL_STATUS_TLS_KEY
  value: /etc/shardmill-tls/tls.key
{{- end }}
{{- if .Values.redis.existingSecret }}
{{- range $name, $key := .Values.redis.keys }}
{{- if $key }}
- name: SHARDMILL_REDIS_{{ upper $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.redis.existingSecret }}
      key: {{ $key }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.s3.existingSecret }}
{{- range $name := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.s3.existingSecret }}
      key: {{ $name }}
{{- end }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "shardmill.podAnnotations" -}}
checksum/config: {{ include "shardmill.config" . | sha256sum }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What all pods have, of a dictionary with root and part (the scheduler's or a pool's values). */}}
{{- define "shardmill.podSpec" -}}
serviceAccountName: {{ include "shardmill.serviceAccountName" .root }}
automountServiceAccountToken: {{ .root.Values.serviceAccount.automountToken }}
# A service named like a setting would set it: SHARDMILL_SCHEDULER_PORT.
enableServiceLinks: false
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- with .part.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .part.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: config
    configMap:
      name: {{ include "shardmill.fullname" .root }}
  - name: cache
    emptyDir:
      sizeLimit: {{ .part.cache.sizeLimit }}
  - name: tmp
    emptyDir: {}
  {{- with .root.Values.status.tlsSecret }}
  - name: status-tls
    secret:
      secretName: {{ . }}
  {{- end }}
  {{- with .root.Values.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* What all containers have, of a dictionary with root, part and port. */}}
{{- define "shardmill.container" -}}
imagePullPolicy: {{ .root.Values.images.pullPolicy }}
env:
  {{- include "shardmill.env" .root | nindent 2 }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: status
    containerPort: {{ .port }}
# It answers as long as the process is alive, whatever becomes of Redis and the store: a restart
# would not repair those.
livenessProbe:
  httpGet:
    path: /healthz
    port: status
    {{- if .root.Values.status.tlsSecret }}
    scheme: HTTPS
    {{- end }}
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: status
    {{- if .root.Values.status.tlsSecret }}
    scheme: HTTPS
    {{- end }}
  periodSeconds: 10
  timeoutSeconds: 5
startupProbe:
  httpGet:
    path: /healthz
    port: status
    {{- if .root.Values.status.tlsSecret }}
    scheme: HTTPS
    {{- end }}
  periodSeconds: 2
  failureThreshold: 60
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: config
    mountPath: /etc/shardmill
    readOnly: true
  - name: cache
    mountPath: /var/cache/shardmill
  - name: tmp
    mountPath: /tmp
  {{- if .root.Values.status.tlsSecret }}
  - name: status-tls
    mountPath: /etc/shardmill-tls
    readOnly: true
  {{- end }}
  {{- with .root.Values.volumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The pools that are enabled, as YAML: their own values over poolDefaults. */}}
{{- define "shardmill.pools" -}}
{{- $pools := dict -}}
{{- range $name, $own := .Values.pools -}}
{{- if not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" $name) -}}
{{- fail (printf "pools.%s: a pool of Kubernetes is named with a-z, 0-9 and -" $name) -}}
{{- end -}}
{{- $pool := mergeOverwrite (deepCopy $.Values.poolDefaults) (deepCopy (default dict $own)) -}}
{{- if $pool.enabled -}}
{{- $_ := set $pool "image" (mergeOverwrite (deepCopy $.Values.images.worker) $pool.image) -}}
{{- $_ := set $pools $name $pool -}}
{{- end -}}
{{- end -}}
{{- toYaml $pools -}}
{{- end -}}
