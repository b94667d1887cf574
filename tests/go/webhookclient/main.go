// webhookclient asks a token webhook the way kube-apiserver does: with the authenticator of k8s.io/apiserver, the
// kubeconfig that kube-apiserver would be given, its timeout, its retries and, on request, its answer cache.
//
// Reviews come in as JSON lines on standard input:
//
//	{"name": "any label", "token": "k8s-aws-v1...", "audiences": ["optional"]}
//
// JSON lines go out on standard output as things happen: one {"event": "attempt"} for each HTTP answer or transport
// error, and one {"event": "result"} for each review. Tokens are never printed. What the client itself logs goes to
// standard error, as in kube-apiserver.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/token/cache"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/webhook"
)

// maxLine bounds one line of input, far above the largest token that a server accepts.
const maxLine = 64 * 1024

type review struct {
	Name      string   `json:"name"`
	Token     string   `json:"token"`
	Audiences []string `json:"audiences"`
}

type attempt struct {
	Event      string `json:"event"`
	Status     int    `json:"status,omitempty"`
	Protocol   string `json:"protocol,omitempty"`
	RetryAfter string `json:"retryAfter,omitempty"`
	Error      string `json:"error,omitempty"`
}

type outcome struct {
	Event         string              `json:"event"`
	Name          string              `json:"name"`
	Authenticated bool                `json:"authenticated"`
	Username      string              `json:"username,omitempty"`
	UID           string              `json:"uid,omitempty"`
	Groups        []string            `json:"groups,omitempty"`
	Extra         map[string][]string `json:"extra,omitempty"`
	Audiences     []string            `json:"audiences,omitempty"`
	Error         string              `json:"error,omitempty"`
	Attempts      int                 `json:"attempts"`
	Statuses      []int               `json:"statuses"`
	Milliseconds  float64             `json:"milliseconds"`
}

// recorder counts the HTTP attempts of the review that is under way and prints each. Reviews run one after another;
// the lock is there because the transport may answer on goroutines of its own.
type recorder struct {
	next     http.RoundTripper
	mutex    sync.Mutex
	out      *json.Encoder
	statuses []int
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	seen := attempt{Event: "attempt"}
	if err != nil {
		seen.Error = err.Error()
	} else {
		seen.Status = response.StatusCode
		seen.Protocol = response.Proto
		seen.RetryAfter = response.Header.Get("Retry-After")
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.statuses = append(r.statuses, seen.Status)
	if printErr := r.out.Encode(seen); printErr != nil {
		return nil, errors.Join(err, printErr)
	}
	return response, err
}

func (r *recorder) take() []int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	statuses := r.statuses
	r.statuses = nil
	if statuses == nil {
		statuses = []int{}
	}
	return statuses
}

func (r *recorder) print(result outcome) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.out.Encode(result)
}

type options struct {
	kubeconfig        string
	version           string
	implicitAudiences string
	initialBackoff    time.Duration
	timeout           time.Duration
	cacheTTL          time.Duration
}

func newAuthenticator(opts options, seen *recorder) (authenticator.Token, error) {
	config, err := webhookutil.LoadKubeconfig(opts.kubeconfig, nil)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		seen.next = next
		return seen
	})
	var audiences authenticator.Audiences
	if opts.implicitAudiences != "" {
		audiences = strings.Split(opts.implicitAudiences, ",")
	}
	backoff := webhookutil.DefaultRetryBackoffWithInitialDelay(opts.initialBackoff)
	client, err := webhook.New(config, opts.version, audiences, backoff)
	if err != nil {
		return nil, fmt.Errorf("make the webhook client: %w", err)
	}
	if opts.cacheTTL <= 0 {
		return client, nil
	}
	// As kube-apiserver wraps it: errors are not cached, answers of both kinds are, for the same time.
	return cache.New(client, false, opts.cacheTTL, opts.cacheTTL), nil
}

func ask(ctx context.Context, client authenticator.Token, seen *recorder, asked review, timeout time.Duration) outcome {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if len(asked.Audiences) > 0 {
		ctx = authenticator.WithAudiences(ctx, asked.Audiences)
	}
	start := time.Now()
	response, authenticated, err := client.AuthenticateToken(ctx, asked.Token)
	result := outcome{
		Event:         "result",
		Name:          asked.Name,
		Authenticated: authenticated,
		Milliseconds:  float64(time.Since(start).Microseconds()) / 1000,
		Statuses:      seen.take(),
	}
	result.Attempts = len(result.Statuses)
	if err != nil {
		result.Error = err.Error()
	}
	if authenticated && response != nil {
		result.Username = response.User.GetName()
		result.UID = response.User.GetUID()
		result.Groups = response.User.GetGroups()
		result.Extra = response.User.GetExtra()
		result.Audiences = response.Audiences
	}
	return result
}

func run(ctx context.Context, opts options, in io.Reader, out io.Writer) error {
	seen := &recorder{out: json.NewEncoder(out)}
	client, err := newAuthenticator(opts, seen)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	for number := 1; lines.Scan(); number++ {
		var asked review
		decoder := json.NewDecoder(strings.NewReader(lines.Text()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&asked); err != nil {
			return fmt.Errorf("line %d is not a review", number)
		}
		if err := seen.print(ask(ctx, client, seen, asked, opts.timeout)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func main() {
	var opts options
	flag.StringVar(&opts.kubeconfig, "kubeconfig", "", "the webhook kubeconfig that kube-apiserver would be given")
	flag.StringVar(&opts.version, "version", "v1beta1", "version of authentication.k8s.io: v1 or v1beta1")
	flag.StringVar(&opts.implicitAudiences, "implicit-audiences", "", "the API server's own audiences, comma-separated")
	flag.DurationVar(&opts.initialBackoff, "initial-backoff", webhook.DefaultRetryBackoff().Duration,
		"pause before the second try; later ones grow from it")
	flag.DurationVar(&opts.timeout, "timeout", 2*time.Minute, "limit for one review with all its tries")
	flag.DurationVar(&opts.cacheTTL, "cache-ttl", 0, "cache answers as kube-apiserver does, for this long; 0: no cache")
	flag.Parse()
	if opts.kubeconfig == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), opts, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "webhookclient:", err)
		os.Exit(1)
	}
}
