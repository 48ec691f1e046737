// Package playbook reads playbooks, roles and task files into a typed tree, as
// written: templates stay text, every node knows its file, line and column.
// It also answers what can be known without running: keyword inheritance, tags,
// the order of tasks in a play, --list-tasks, --list-tags, --list-hosts.
//
// It imports engine/value, engine/yaml and engine/argspec. It must not import
// jinja, vars, inventory or run: what has to be rendered while loading (names of
// imported files and roles) goes through Options.Render.
package playbook

import (
	"path/filepath"

	"github.com/goplay-engine/goplay/engine/value"
)

// Playbook is one playbook file with its plays; plays of import_playbook are
// spliced in place.
type Playbook struct {
	File  string // as given
	Dir   string // absolute folder of the file: playbook_dir
	Plays []*Play
}

// Field is a keyword's value as written: often a template.
type Field struct {
	Val value.Value
	Pos value.Pos
	Set bool // false: the keyword was not written
}

// Node is a level of the tree that keywords are inherited through: *Play,
// *Role, *Block or *Task.
type Node interface {
	// Keywords returns the level's own keywords and its link upwards.
	Keywords() *Base
}

// Base is what plays, roles, blocks and tasks share.
type Base struct {
	Name   string // as written, a template perhaps; "" where not given
	Pos    value.Pos
	Vars   *value.Dict // own vars (a list of dicts is merged); nil where none
	Parent Node        // the level above; nil for a play
	fields []keyed     // the other keywords written on this level
}

type keyed struct {
	key Key
	Field
}

// Entry is an element of a task list: *Block or *Task.
type Entry interface {
	Node
	entry()
}

// Play is one play.
type Play struct {
	Base
	File     string // file that holds the play
	Dir      string // absolute folder of that file
	BookDir  string // folder of the main playbook: playbook_dir
	Hosts    Field  // pattern: text or list, possibly templates
	NameSet  bool
	Included []Field // conditions of import_playbook above, outermost first

	VarsFiles  []Field // each text, or a list of which the first found counts
	VarsPrompt []Prompt
	Roles      []*Role // as listed, dependencies inside each
	PreTasks   []Entry
	Tasks      []Entry
	PostTasks  []Entry
	// OwnHandlers are those of handlers:, without the roles'.
	OwnHandlers []Entry
	// ImportedRoles are roles that import_role brought in.
	ImportedRoles []*Role
}

// Prompt is one entry of vars_prompt, each field as written.
type Prompt struct {
	Name, Prompt, Default, Private, Confirm, Encrypt, Salt, SaltSize, Unsafe Field
	Pos                                                                      value.Pos
}

// Block is block/rescue/always.
type Block struct {
	Base
	Block, Rescue, Always []Entry
	// Implicit marks a block that was not written: include_tasks' apply, for one.
	Implicit bool
}

// Include kinds of a task.
type IncludeKind int

// What a task brings in, if anything.
const (
	NotInclude   IncludeKind = iota
	IncludeTasks             // include_tasks, and include where it is dynamic
	ImportTasks              // import_tasks, replaced while loading by what it brings in
	IncludeRole              // include_role
	ImportRole               // import_role, replaced while loading
)

// Task is a task or a handler.
type Task struct {
	Base
	Action   string      // as written: copy, ansible.builtin.copy, mycol.x.y
	Resolved string      // the name Options.Known gave: normally the full one
	Short    string      // the name without ansible.builtin./ansible.legacy.
	Args     *value.Dict // as written, templates inside; never nil
	ArgsPos  value.Pos
	FreeForm bool // _raw_params in Args came from free-form text
	// ArgsTemplate is set where the arguments are one template (`args: "{{ x }}"`,
	// `debug: "{{ x }}"`), to be rendered to a dictionary below Args.
	ArgsTemplate Field

	LoopWith    string // "" for loop:, else the lookup of with_X
	Loop        Field  // value of loop or with_X
	LoopControl *LoopControl

	Register    string
	RegisterPos value.Pos
	Listen      []string // topics of a handler

	Handler  bool
	Implicit bool // made by the engine: gather_facts, flush_handlers, argument validation
	Kind     IncludeKind
	// Static marks an import. It is never in a list of tasks: what it brought in
	// takes its place and has it as parent, so that its keywords reach them. A
	// dynamic include hands down its vars only.
	Static bool
	// Role is the role a task was written in, nil in a play.
	Role *Role
	// Origin is set on the copy of a dynamic include that is the parent of what
	// it brought in: the include as it stands in the list of tasks.
	Origin *Task

	file string // of includes: the name of the file, rendered
}

// LoopControl is loop_control, each field as written.
type LoopControl struct {
	LoopVar, IndexVar, Label, Pause, Extended, ExtendedAllitems, BreakWhen Field
	Pos                                                                    value.Pos
}

// Role is one use of a role: by a play, a dependency, import_role or
// include_role. Its Base holds the keywords written where it is used (tags,
// when, become, vars ...). Parent is the play, the role that depends on it, or
// the importing or including task.
type Role struct {
	Base
	RoleName string // short: last part of the path or full name
	FullName string // ns.col.role for a role of a collection, else RoleName
	Path     string // absolute folder of the role
	// Collection is ns.col, "" for a plain role.
	Collection  string
	Collections []string // search list of its meta/main.yml
	Meta        *value.Dict
	// Params are the role parameters: keys of the entry that are no keywords.
	Params      *value.Dict
	Defaults    *value.Dict // templates inside; never nil
	RoleVars    *value.Dict // vars/main.yml; never nil
	Deps        []*Role     // dependencies, in order
	TaskList    []Entry     // of tasks/main.yml or tasks_from, validation task first
	Handlers    []Entry
	ArgSpecs    *value.Dict // argument_specs, nil where none
	ArgSpecsPos value.Pos
	AllowDup    bool // allow_duplicates
	Public      bool // vars and defaults are visible to the rest of the play
	Static      bool // roles:, dependency or import_role; false: include_role
	From        From // tasks_from etc., "" where main is used
	// Hash is equal for two uses with the same role, parameters, when and tags:
	// the second of them does not run again.
	Hash string

	done *Task // the implicit task at the end
}

// Keywords implements Node.
func (b *Base) Keywords() *Base { return b }

func (*Block) entry() {}
func (*Task) entry()  {}

// VarsFilePaths lists where a file of vars_files may be.
func (p *Play) VarsFilePaths(name string) []string {
	if filepath.IsAbs(name) {
		return []string{name}
	}
	out := []string{filepath.Join(p.Dir, "vars", name), filepath.Join(p.Dir, name)}
	if p.BookDir != "" && p.BookDir != p.Dir {
		out = append(out, filepath.Join(p.BookDir, "vars", name), filepath.Join(p.BookDir, name))
	}
	return out
}
