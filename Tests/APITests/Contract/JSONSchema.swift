import StrictJSON

@testable import API

/// A small JSON Schema (2020-12) validator for the contract's own schemas.
///
/// It knows the keywords that the contract uses and refuses every other one, so that nothing which looks like a rule goes
/// unchecked. `$ref` is followed within one document. Beside the standard keywords it checks `x-bytes-max`, because the service
/// counts bytes of UTF-8 where JSON Schema counts code points.
struct JSONSchema: Sendable {
    /// Where `$ref` looks.
    let document: JSONValue

    /// The keywords that are checked.
    enum Keyword: String, CaseIterable {
        case ref = "$ref"
        case type, const, properties, required, additionalProperties, propertyNames, minProperties, maxProperties
        case enumeration = "enum"
        case items, minItems, maxItems, uniqueItems
        case minLength, maxLength, pattern, format, minimum, maximum
        case oneOf, anyOf, allOf
        case bytesMax = "x-bytes-max"
    }

    /// The members of a schema that say something to people and to other tests, and restrict nothing.
    static let annotations: Set<String> = [
        "title", "description", "default", "writeOnly", "readOnly", "deprecated", "x-secret", "x-open", "x-only-with",
    ]

    /// One thing that does not fit.
    struct Fault: Sendable, CustomStringConvertible {
        let pointer: JSONPointer
        let keyword: String
        let message: String

        var description: String { "\(pointer.text.isEmpty ? "(root)" : pointer.text) \(keyword): \(message)" }
    }

    /// Everything in `value` that the schema does not allow; empty when it is valid.
    func faults(of value: JSONValue, against schema: JSONValue) -> [Fault] {
        var check = SchemaCheck(document: document)
        check.apply(schema, to: .init(value: value, pointer: .root, depth: 0))
        return check.faults
    }
}

/// One run of the validator: goes down the schema and the value together and collects faults.
struct SchemaCheck {
    let document: JSONValue
    private(set) var faults: [JSONSchema.Fault] = []

    init(document: JSONValue) {
        self.document = document
    }

    /// A value, where it stands, and how many schemas led to it.
    struct Place {
        let value: JSONValue
        let pointer: JSONPointer
        let depth: Int

        func same() -> Place { Place(value: value, pointer: pointer, depth: depth + 1) }
        func below(_ name: String, _ value: JSONValue) -> Place {
            Place(value: value, pointer: pointer.appending(name), depth: depth + 1)
        }
        func below(_ index: Int, _ value: JSONValue) -> Place {
            Place(value: value, pointer: pointer.appending(index), depth: depth + 1)
        }
    }

    /// One keyword with its argument, and the schema it stands in.
    private struct Rule {
        let keyword: JSONSchema.Keyword
        let argument: JSONValue
        let schema: JSONObject
    }

    mutating func apply(_ schema: JSONValue, to place: Place) {
        guard place.depth < 64 else { return fault(place, "$ref", "the schema refers to itself without end") }
        if let verdict = schema.boolValue {
            if !verdict { fault(place, "false", "nothing may be here") }
            return
        }
        guard let object = schema.objectValue else { return fault(place, "schema", "is neither an object nor a boolean") }
        for member in object.members where !JSONSchema.annotations.contains(member.name) {
            if let keyword = JSONSchema.Keyword(rawValue: member.name) {
                apply(Rule(keyword: keyword, argument: member.value, schema: object), to: place)
            } else {
                fault(place, member.name, "is a keyword that the validator does not know")
            }
        }
    }

    private mutating func apply(_ rule: Rule, to place: Place) {
        let value = place.value
        switch rule.keyword {
        case .ref: follow(rule, place)
        case .type: checkType(rule, place)
        case .const: require(value.isSameJSON(as: rule.argument), rule, place, "must be \(rule.argument.canonicalText)")
        case .enumeration: checkChoice(rule, place)
        case .oneOf: checkBranches(rule, place) { accepted, _ in accepted == 1 }
        case .anyOf: checkBranches(rule, place) { accepted, _ in accepted >= 1 }
        case .allOf: checkBranches(rule, place) { accepted, all in accepted == all }
        case .properties: checkProperties(rule, place)
        case .required: checkRequired(rule, place)
        case .additionalProperties: checkAdditional(rule, place)
        case .propertyNames: checkNames(rule, place)
        case .minProperties: checkCount(rule, place, value.objectValue?.count, isLeast: true)
        case .maxProperties: checkCount(rule, place, value.objectValue?.count, isLeast: false)
        case .items: checkItems(rule, place)
        case .uniqueItems: checkUnique(rule, place)
        case .minItems: checkCount(rule, place, value.arrayValue?.count, isLeast: true)
        case .maxItems: checkCount(rule, place, value.arrayValue?.count, isLeast: false)
        case .minLength: checkCount(rule, place, value.stringValue?.unicodeScalars.count, isLeast: true)
        case .maxLength: checkCount(rule, place, value.stringValue?.unicodeScalars.count, isLeast: false)
        case .bytesMax: checkCount(rule, place, value.stringValue?.utf8.count, isLeast: false)
        case .pattern: checkPattern(rule, place)
        case .format: checkFormat(rule, place)
        case .minimum: checkBound(rule, place) { $0 >= $1 }
        case .maximum: checkBound(rule, place) { $0 <= $1 }
        }
    }

    private mutating func fault(_ place: Place, _ keyword: String, _ message: String) {
        faults.append(JSONSchema.Fault(pointer: place.pointer, keyword: keyword, message: message))
    }

    private mutating func require(_ isFine: Bool, _ rule: Rule, _ place: Place, _ message: @autoclosure () -> String) {
        if !isFine { fault(place, rule.keyword.rawValue, message()) }
    }

    /// A fault of the schema itself: the keyword's argument makes no sense.
    private mutating func misuse(_ rule: Rule, _ place: Place) {
        fault(place, rule.keyword.rawValue, "cannot be read: \(rule.argument.canonicalText)")
    }
}

// Keywords for every value.
extension SchemaCheck {
    private mutating func follow(_ rule: Rule, _ place: Place) {
        guard let reference = rule.argument.stringValue, let target = document.target(of: reference) else { return misuse(rule, place) }
        apply(target, to: place.same())
    }

    private mutating func checkType(_ rule: Rule, _ place: Place) {
        let names = (rule.argument.arrayValue ?? [rule.argument]).map { $0.stringValue ?? "" }
        guard !names.isEmpty, names.allSatisfy(JSONValue.typeNames.contains) else { return misuse(rule, place) }
        require(names.contains(where: place.value.isOfType), rule, place, "must be \(names.joined(separator: " or "))")
    }

    private mutating func checkChoice(_ rule: Rule, _ place: Place) {
        guard let choices = rule.argument.arrayValue, !choices.isEmpty else { return misuse(rule, place) }
        require(choices.contains(where: place.value.isSameJSON), rule, place, "must be one of \(rule.argument.canonicalText)")
    }

    private mutating func checkBranches(_ rule: Rule, _ place: Place, isEnough: (Int, Int) -> Bool) {
        guard let branches = rule.argument.arrayValue, !branches.isEmpty else { return misuse(rule, place) }
        var refusals: [JSONSchema.Fault] = []
        var accepted = 0
        for branch in branches {
            var trial = SchemaCheck(document: document)
            trial.apply(branch, to: place.same())
            if trial.faults.isEmpty { accepted += 1 }
            refusals += trial.faults
        }
        guard !isEnough(accepted, branches.count) else { return }
        fault(place, rule.keyword.rawValue, "\(accepted) of \(branches.count) branches accept it")
        faults += refusals
    }

    private mutating func checkCount(_ rule: Rule, _ place: Place, _ count: Int?, isLeast: Bool) {
        guard let bound = rule.argument.integerValue, bound >= 0 else { return misuse(rule, place) }
        guard let count else { return }
        require(isLeast ? count >= bound : count <= bound, rule, place, "has \(count), bound \(bound)")
    }
}

// Keywords for objects and arrays.
extension SchemaCheck {
    private mutating func checkProperties(_ rule: Rule, _ place: Place) {
        guard let properties = rule.argument.objectValue else { return misuse(rule, place) }
        guard let object = place.value.objectValue else { return }
        for property in properties.members {
            if let value = object[property.name] { apply(property.value, to: place.below(property.name, value)) }
        }
    }

    private mutating func checkRequired(_ rule: Rule, _ place: Place) {
        guard let names = rule.argument.arrayValue else { return misuse(rule, place) }
        guard let object = place.value.objectValue else { return }
        for name in names {
            guard let text = name.stringValue else { return misuse(rule, place) }
            require(object[text] != nil, rule, place, "\(text) is missing")
        }
    }

    private mutating func checkAdditional(_ rule: Rule, _ place: Place) {
        let named = rule.schema["properties"]?.objectValue ?? JSONObject()
        for member in place.value.objectValue?.members ?? [] where named[member.name] == nil {
            apply(rule.argument, to: place.below(member.name, member.value))
        }
    }

    private mutating func checkNames(_ rule: Rule, _ place: Place) {
        for member in place.value.objectValue?.members ?? [] {
            apply(rule.argument, to: place.below(member.name, .string(member.name)))
        }
    }

    private mutating func checkItems(_ rule: Rule, _ place: Place) {
        for (index, element) in (place.value.arrayValue ?? []).enumerated() {
            apply(rule.argument, to: place.below(index, element))
        }
    }

    private mutating func checkUnique(_ rule: Rule, _ place: Place) {
        guard rule.argument.boolValue == true else { return misuse(rule, place) }
        let elements = place.value.arrayValue ?? []
        for (index, element) in elements.enumerated() where elements[..<index].contains(where: element.isSameJSON) {
            fault(place.below(index, element), rule.keyword.rawValue, "is there twice")
        }
    }
}

// Keywords for texts and numbers.
extension SchemaCheck {
    private mutating func checkPattern(_ rule: Rule, _ place: Place) {
        guard let source = rule.argument.stringValue, let pattern = TextPattern(source) else { return misuse(rule, place) }
        guard let text = place.value.stringValue else { return }
        require(pattern.matches(text), rule, place, "must match \(source)")
    }

    private mutating func checkFormat(_ rule: Rule, _ place: Place) {
        guard let format = ValueFormat(rawValue: rule.argument.stringValue ?? "") else { return misuse(rule, place) }
        require(format.accepts(place.value), rule, place, "must be \(format.rawValue)")
    }

    private mutating func checkBound(_ rule: Rule, _ place: Place, isWithin: (Double, Double) -> Bool) {
        guard let bound = rule.argument.realValue else { return misuse(rule, place) }
        guard let number = place.value.realValue else { return }
        require(isWithin(number, bound), rule, place, "is \(place.value.canonicalText), bound \(rule.argument.canonicalText)")
    }
}
