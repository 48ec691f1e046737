package playbook

// Sections are the parts of a play in the order they run.
type Section struct {
	Name    string // pre_tasks, roles, tasks, post_tasks
	Entries []Entry
}

// Sections returns what a play runs, fact gathering and flushing of handlers
// left to the caller: handlers are flushed after pre_tasks, after tasks (roles
// and tasks together) and after post_tasks. The roles section holds each role's
// Compile in turn.
func (p *Play) Sections() []Section { return nil }

// Compile returns what using the role runs: its dependencies, its tasks, and at
// the end an implicit `meta: role_complete` task, on which the role counts as
// run for that host.
func (r *Role) Compile() []Entry { return nil }

// Handlers returns the play's handlers in definition order: those of its roles
// (dependencies first), then its own.
func (p *Play) Handlers() []*Task { return nil }

// AllHandlers returns the handlers of a role and its dependencies, as
// include_role adds them to the play.
func (r *Role) AllHandlers() []*Task { return nil }

// NotifyNames returns the names a task notifies, its block's included, not
// rendered.
func (t *Task) NotifyNames() []Field { return nil }

// Tags returns the tags of a node with those it inherits, as written, split at
// commas; a templated one is kept for rendering by the caller.
func Tags(n Node) []Field { return nil }

// Tagged tells whether something with these tags (rendered) runs, for --tags
// and --skip-tags.
func Tagged(tags, only, skip []string) bool { return false }
