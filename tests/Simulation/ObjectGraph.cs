using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Copies whole state machines and tells whether two are in the same state, field by field and without their help: an explorer
/// that asked them what their state is would believe them. What never changes is shared.
/// </summary>
internal static class ObjectGraph
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> FieldsOf = new();
    private static readonly ConcurrentDictionary<Type, bool> Shared = new();
    private static readonly MethodInfo ShallowCopy = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!;

    public static T Copy<T>(T root)
        where T : class => (T)Copy(root, new Dictionary<object, object>(ReferenceEqualityComparer.Instance))!;

    /// <summary>Everything reachable, as numbers: equal lists are equal states.</summary>
    public static void Describe(object? root, Dictionary<object, int> seen, List<long> into)
    {
        if (root is null)
        {
            into.Add(-1);
            return;
        }
        var type = root.GetType();
        if (root is string text)
        {
            into.Add(TextHash(text));
            return;
        }
        if (type.IsPrimitive || type.IsEnum)
        {
            into.Add(root is bool yes ? (yes ? 1 : 0) : root is double d ? BitConverter.DoubleToInt64Bits(d) : Convert.ToInt64(root, null));
            return;
        }
        if (root is Delegate or Type || IsComparer(type))
            return;
        if (!type.IsValueType)
        {
            if (seen.TryGetValue(root, out var number))
            {
                into.Add(~(long)number);
                return;
            }
            seen[root] = seen.Count;
        }
        into.Add(type.MetadataToken);
        if (root is Array array)
        {
            into.Add(array.Length);
            foreach (var item in array)
                Describe(item, seen, into);
            return;
        }
        foreach (var field in Fields(type))
        {
            // How often a collection was changed is no part of what is in it.
            if (field.Name is not ("_version" or "_syncRoot"))
                Describe(field.GetValue(root), seen, into);
        }
    }

    private static object? Copy(object? source, Dictionary<object, object> done)
    {
        if (source is null)
            return null;
        var type = source.GetType();
        if (Shared.GetOrAdd(type, IsShared))
            return source;
        if (!type.IsValueType && done.TryGetValue(source, out var known))
            return known;
        if (source is Array array)
        {
            var items = (Array)array.Clone();
            done[source] = items;
            if (Shared.GetOrAdd(type.GetElementType()!, IsShared))
                return items;
            for (var i = 0; i < items.Length; i++)
                items.SetValue(Copy(items.GetValue(i), done), i);
            return items;
        }
        var copy = ShallowCopy.Invoke(source, null)!;
        if (!type.IsValueType)
            done[source] = copy;
        foreach (var field in Fields(type))
        {
            if (!Shared.GetOrAdd(field.FieldType, IsShared))
                field.SetValue(copy, Copy(field.GetValue(source), done));
        }
        return copy;
    }

    private static bool IsShared(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || typeof(Delegate).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type)
        || IsComparer(type) || type.Namespace == typeof(ImmutableArray).Namespace
        || type == typeof(Group) || type == typeof(View) || type == typeof(BootInstant) || type == typeof(TimeSpan) || type == typeof(Guid)
        || (type.IsSealed && (typeof(HostEvent).IsAssignableFrom(type) || typeof(FailoverEvent).IsAssignableFrom(type)))
        || (type.IsValueType && Fields(type).All(f => IsShared(f.FieldType)));

    private static bool IsComparer(Type type) => !type.IsInterface && (type.GetInterfaces().Any(i => i.IsGenericType
        && (i.GetGenericTypeDefinition() == typeof(IComparer<>) || i.GetGenericTypeDefinition() == typeof(IEqualityComparer<>))));

    private static FieldInfo[] Fields(Type type) => FieldsOf.GetOrAdd(type, static t =>
    {
        var fields = new List<FieldInfo>();
        for (var at = t; at is not null && at != typeof(object); at = at.BaseType)
            fields.AddRange(at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
        return [.. fields];
    });

    // string.GetHashCode differs between runs: a count of states must not.
    private static long TextHash(string text)
    {
        var hash = 1469598103934665603L;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211L;
        return hash;
    }
}
